import type { OrganisationId } from '#kernel/ids.ts';
import type { CachedKind, CachedValues } from '#platform/cache/cache.ts';
import type { OrganisationStore } from '../identity.ports.ts';
import type { Organisation } from '../organisation.ts';

export interface FindOrganisationDeps {
  readonly organisations: Pick<OrganisationStore, 'findById'>;
  readonly cached: CachedValues<Organisation>;
}

export type FindOrganisation = (id: OrganisationId) => Promise<Organisation | null>;

/**
 * An organisation is read with every page and changes a few times in its life. Its name and policies may be a second old:
 * every event `organisation.*` of the log makes each node forget it. Nothing about who may do what is kept here.
 */
export const cachedOrganisation: CachedKind<Organisation> = {
  name: 'organisation',
  version: 1,
  ttlSeconds: 60,
  absentTtlSeconds: 5,
  parse: (json) => {
    const { createdAt, ...organisation } = json as Omit<Organisation, 'createdAt'> & { readonly createdAt: string };
    const at = new Date(createdAt);
    if (Number.isNaN(at.getTime()) || typeof organisation.id !== 'string') throw new TypeError('this is no organisation');
    return { ...organisation, createdAt: at };
  },
};

/** An organisation as it was within the last second, from the cache or the database. */
export const findOrganisation =
  ({ organisations, cached }: FindOrganisationDeps): FindOrganisation =>
  (id) =>
    cached.get(id, () => organisations.findById(id));
