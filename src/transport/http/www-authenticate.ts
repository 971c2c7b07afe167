import { StepUpRequiredError } from '#capabilities/sessions/index.ts';
import type { AppError } from '#kernel/app-error.ts';

/** The WWW-Authenticate header of a 401: what kind of credential would help, and what was wrong with this one (RFC 6750, 3). */
export function wwwAuthenticate(error: AppError): string {
  return challenge('Bearer', parametersOf(error));
}

function parametersOf(error: AppError): readonly [string, string][] {
  if (error.code === 'ACCESS_TOKEN_INVALID') return [['error', 'invalid_token']];
  if (error instanceof StepUpRequiredError)
    return [
      ['error', 'insufficient_user_authentication'],
      ['error_description', 'A fresher or stronger authentication is required'],
      ['acr_values', error.acrValues.join(' ')],
      ['max_age', String(error.maxAgeSeconds)],
    ];
  return [];
}

/** The values are ours: none holds a quotation mark or a backslash. */
function challenge(scheme: string, parameters: readonly (readonly [string, string])[]): string {
  return [scheme, parameters.map(([name, value]) => `${name}="${value}"`).join(', ')].filter((part) => part !== '').join(' ');
}
