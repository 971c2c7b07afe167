import type { ClientFacts } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import type { KeyedHash } from '#platform/crypto/index.ts';
import type { DeviceStore, TrustingAccount } from '../devices.ports.ts';

export interface FindTrustDeps {
  readonly devices: Pick<DeviceStore, 'isTrusted'>;
  readonly deviceKey: KeyedHash;
  readonly clock: Clock;
}

export type FindTrust = (account: TrustingAccount, client: ClientFacts | undefined) => Promise<boolean>;

/**
 * Whether this account trusts the device that a client shows the cookie or id of. A client that shows nothing is trusted by
 * nobody: what it calls itself, anybody can.
 */
export const findTrust =
  ({ devices, deviceKey, clock }: FindTrustDeps): FindTrust =>
  async (account, client) => {
    const shown = client?.deviceId;
    return shown ? devices.isTrusted(account, deviceKey(`id:${shown.reveal()}`), clock.now()) : false;
  };
