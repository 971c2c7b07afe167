import { z } from 'zod';
import { variableGroups } from './schema.ts';

/** What the schema says about one variable, for error lines and for docs/configuration.md. */
export interface VariableFacts {
  readonly name: string;
  readonly group: string;
  readonly description: string;
  readonly expects: string;
  /** What holds when it is not set: a fixed value, or words; undefined when it is simply off. */
  readonly fallback: string | undefined;
  readonly secret: boolean;
  readonly requiredInProduction: boolean;
}

/** Meta data of a schema and of those it wraps: the outermost wins. */
function metaOf(schema: z.core.$ZodType): Record<string, unknown> {
  const own = z.globalRegistry.get(schema) ?? {};
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return { ...metaOf(schema.unwrap()), ...own };
  return own;
}

function fixedDefault(schema: z.core.$ZodType): string | undefined {
  if (!(schema instanceof z.ZodDefault)) return undefined;
  const value: unknown = schema.def.defaultValue;
  return Array.isArray(value) ? value.join(',') : String(value);
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Every variable in the order of the schema. A variable without a description is a defect of the schema: it throws. */
export function listVariables(): VariableFacts[] {
  return Object.entries(variableGroups).flatMap(([group, shape]) =>
    Object.entries<z.core.$ZodType>(shape).map(([name, schema]) => {
      const meta = metaOf(schema);
      const description = asText(meta['description']);
      const expects = asText(meta['expects']);
      if (description === undefined || expects === undefined) throw new Error(`variable ${name} is not described`);
      return {
        name,
        group,
        description,
        expects,
        fallback: asText(meta['fallback']) ?? fixedDefault(schema),
        secret: meta['secret'] === true,
        requiredInProduction: meta['requiredInProduction'] === true,
      };
    }),
  );
}
