import { describeEvent } from '#capabilities/events/index.ts';

export const deviceFirstSeen = describeEvent({
  type: 'device.first_seen',
  severity: 'notice',
  description:
    'The person proved who they are by a browser or app that they never used before. `data.isFirst`: they had used none. Otherwise they were told by mail.',
});

export const deviceRenamed = describeEvent({
  type: 'device.renamed',
  severity: 'info',
  description: 'The person calls a device of theirs by another name.',
});

export const deviceTrusted = describeEvent({
  type: 'device.trusted',
  severity: 'notice',
  description: 'The person trusts a device of theirs until `data.until`.',
});

export const deviceRevoked = describeEvent({
  type: 'device.revoked',
  severity: 'notice',
  description: 'The person removed a device: its sessions were ended, and it is trusted and known no more.',
});

export const deviceReported = describeEvent({
  type: 'device.reported',
  severity: 'critical',
  description:
    'By the link in the mail about a new device the person said that it was not them. All sessions were ended and the password disabled; a link to set a new one was sent.',
});
