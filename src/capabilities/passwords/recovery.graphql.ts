import { TokenInvalidError } from '#capabilities/authentication/index.ts';
import { InvalidInputError, RateLimitedError } from '#kernel/errors.ts';
import { builder } from '#transport/graphql/builder.ts';
import { tokenText } from '#transport/graphql/inputs.ts';
import type { ReportUnknownDevice } from './use-cases/report-unknown-device.ts';

declare module '#transport/graphql/builder.ts' {
  interface GraphqlUseCases {
    readonly reportUnknownDevice: ReportUnknownDevice;
  }
}

const ReportUnknownDeviceInput = builder.inputType('ReportUnknownDeviceInput', {
  fields: (t) => ({ token: t.string({ validate: tokenText }) }),
});
const ReportUnknownDeviceSuccess = builder
  .objectRef<{ readonly revokedSessionCount: number }>('ReportUnknownDeviceSuccess')
  .implement({
    description:
      'All sessions have ended, the device is forgotten and the password disabled; a mail with a link to set a new one is under way.',
    fields: (t) => ({
      revokedSessionCount: t.exposeInt('revokedSessionCount', {
        description: 'Sessions that ended: all of the person, on whichever device.',
      }),
    }),
  });

builder.mutationField('reportUnknownDevice', (t) =>
  t.field({
    type: builder.errorUnion('ReportUnknownDeviceResult', {
      types: [ReportUnknownDeviceSuccess, TokenInvalidError, InvalidInputError, RateLimitedError],
      resolveType: () => 'ReportUnknownDeviceSuccess',
    }),
    description:
      'Says, by the token of the link in the mail about a new device, that it was not the person: all sessions end, the password is disabled, and a link to set a new one is mailed. Works once, for seven days.',
    args: { input: t.arg({ type: ReportUnknownDeviceInput }) },
    resolve: (_root, { input }, { actor, useCases }) => useCases.reportUnknownDevice(actor, input),
  }),
);
