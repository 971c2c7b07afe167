import type { AppError } from '#kernel/app-error.ts';
import { ForbiddenError, InvalidInputError, NotFoundError, RateLimitedError, UnauthenticatedError } from '#kernel/errors.ts';
import { builder } from './builder.ts';

export const AppErrorInterface = builder.interfaceRef<AppError>('AppError').implement({
  description: 'Something that went wrong in a way that a client can handle. The codes are stable: see docs/errors.md.',
  fields: (t) => ({
    code: t.string({ description: 'Stable, UPPER_SNAKE.', resolve: (error) => error.code }),
    message: t.string({ description: 'For people; may change.', resolve: (error) => error.message }),
  }),
});

const FieldProblem = builder.objectRef<InvalidInputError['fields'][number]>('FieldProblem').implement({
  description: 'What is wrong with one input field.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Dotted path, such as `input.email`.' }),
    message: t.exposeString('message'),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'Some of the input is not valid. Nothing was changed.',
  interfaces: [AppErrorInterface],
  fields: (t) => ({ fields: t.field({ type: [FieldProblem], resolve: (error) => [...error.fields] }) }),
});

builder.objectType(UnauthenticatedError, {
  name: 'UnauthenticatedError',
  description: 'Nobody is signed in.',
  interfaces: [AppErrorInterface],
});

builder.objectType(ForbiddenError, {
  name: 'ForbiddenError',
  description: 'The person lacks the permission.',
  interfaces: [AppErrorInterface],
});

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: 'There is no such thing, or it is not yours to see.',
  interfaces: [AppErrorInterface],
});

builder.objectType(RateLimitedError, {
  name: 'RateLimitedError',
  description: 'Too many attempts.',
  interfaces: [AppErrorInterface],
  fields: (t) => ({
    retryAfterSeconds: t.int({
      description: 'Wait so long before the next attempt.',
      resolve: (error) => error.retryAfterSeconds ?? 1,
    }),
  }),
});
