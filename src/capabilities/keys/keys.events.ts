import { describeEvent } from '#capabilities/events/index.ts';

export const signingKeyCreated = describeEvent({
  type: 'signing_key.created',
  severity: 'notice',
  description: 'A signing key was made. It is published at once and signs from `data.activatesAt` on.',
});
