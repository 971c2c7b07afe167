import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description: 'An instant as RFC 3339 writes it, in UTC with milliseconds: `2026-01-31T12:00:00.000Z`.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const at =
      typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/.test(value)
        ? new Date(value)
        : undefined;
    if (!at || Number.isNaN(at.getTime())) throw new GraphQLError('a DateTime is written as RFC 3339 says');
    return at;
  },
});

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: () => {
    throw new GraphQLError('JSON is not accepted as input');
  },
});

builder.scalarType('Cursor', {
  description: 'A place in the log of security events. Opaque: take it from an event; `"0"` is the beginning.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'string' || value.length > 64) throw new GraphQLError('a Cursor is a string that came with an event');
    return value;
  },
});
