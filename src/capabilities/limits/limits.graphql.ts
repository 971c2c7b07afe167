import { InvalidInputError } from '#kernel/errors.ts';
import type { JsonValue } from '#kernel/json.ts';
import { builder } from '#transport/graphql/builder.ts';
import { AppErrorInterface } from '#transport/graphql/errors.graphql.ts';
import type { Dimension } from './limit-policy.ts';
import { ChallengeRequiredError } from './limits.errors.ts';
import type { HeldLimit } from './limits.ports.ts';
import type { AdmitOperation } from './use-cases/admit-operation.ts';
import type { ListRateLimits } from './use-cases/list-rate-limits.ts';

declare module '#transport/graphql/builder.ts' {
  interface GraphqlContext {
    /** The solution of a challenge that came with the request. */
    readonly challengeResponse?: string | undefined;
  }
  interface GraphqlUseCases {
    readonly admitOperation: AdmitOperation;
    readonly listRateLimits: ListRateLimits;
  }
}

const ChallengeProvider = builder.enumType('ChallengeProvider', {
  values: {
    ALTCHA: { value: 'altcha', description: 'Proof of work; any ALTCHA widget or library solves it.' },
    TURNSTILE: { value: 'turnstile', description: 'Cloudflare Turnstile.' },
    HCAPTCHA: { value: 'hcaptcha', description: 'hCaptcha.' },
  } as const,
});

builder.objectType(ChallengeRequiredError, {
  name: 'ChallengeRequiredError',
  description:
    'There were many attempts. Solve the challenge and send the same request again, with the solution in the header `X-Challenge-Response`. Each solution is good for one attempt.',
  interfaces: [AppErrorInterface],
  fields: (t) => ({
    provider: t.field({ type: ChallengeProvider, resolve: ({ provider }) => provider.kind }),
    challenge: t.field({
      type: 'JSON',
      description: 'Of ALTCHA the challenge itself; of the others `siteKey`, for their widget.',
      resolve: ({ provider }): Promise<JsonValue> => provider.issue(),
    }),
  }),
});

const dimensions = ['address', 'subnet', 'account', 'client', 'organisation', 'deployment'] as const satisfies Dimension[];
const RateLimitDimension = builder.enumType('RateLimitDimension', {
  values: {
    ADDRESS: { value: dimensions[0], description: 'An IPv4 address, or the /64 of an IPv6 one.' },
    SUBNET: { value: dimensions[1], description: 'The /24 of an IPv4 address, the /48 of an IPv6 one.' },
    ACCOUNT: { value: dimensions[2], description: 'Who is signed in, or whom the input names.' },
    CLIENT: { value: dimensions[3], description: 'The session that the call came by.' },
    ORGANISATION: { value: dimensions[4] },
    DEPLOYMENT: { value: dimensions[5], description: 'Everybody.' },
  } as const,
});

const HeldRateLimit = builder.objectRef<HeldLimit>('HeldRateLimit').implement({
  description: 'A limit that somebody has reached.',
  fields: (t) => ({
    policy: t.exposeString('policy', { description: 'The row of the table in docs/guides/rate-limits.md.' }),
    dimension: t.expose('dimension', { type: RateLimitDimension }),
    subject: t.exposeString('subject', {
      description:
        'A keyed hash: the same for the same caller, also in the event `rate_limit.reached`; nobody can be read off it.',
    }),
    until: t.expose('until', { type: 'DateTime', description: 'When it ends unless it is reached again before.' }),
  }),
});

const mostListed = 500;

builder.queryField('rateLimits', (t) =>
  t.field({
    type: [HeldRateLimit],
    authScopes: { signedIn: true },
    description: 'What limits hold now, on all nodes, the latest first. For administrators: needs the permission `event:read`.',
    complexity: { field: 10, multiplier: 1 },
    args: { first: t.arg.int({ required: false, defaultValue: 100 }) },
    resolve: (_root, { first }, { actor, useCases }) => {
      const most = first ?? 100;
      if (most < 1 || most > mostListed)
        throw new InvalidInputError([{ path: 'first', message: `must be between 1 and ${mostListed}` }]);
      return useCases.listRateLimits(actor, most);
    },
  }),
);
