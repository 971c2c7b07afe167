import { type AccessStore, builtInRoles, createRole } from '#capabilities/access/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { newId } from '#kernel/ids.ts';
import type { Tx, UnitOfWork } from '#platform/db/index.ts';
import { organisationFounded } from '../identity.events.ts';
import type { OrganisationStore } from '../identity.ports.ts';
import { createOrganisation, type Organisation } from '../organisation.ts';

export interface FoundOrganisationDeps {
  readonly unitOfWork: UnitOfWork;
  readonly organisations: OrganisationStore;
  readonly access: Pick<AccessStore, 'addRoles'>;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

export type FoundFirstOrganisation = (
  actor: Actor,
  input: { readonly slug: string; readonly name: string },
) => Promise<Organisation>;

/** The deployment's first organisation with the built-in roles; the one that is there, when there is one. */
export const foundFirstOrganisation =
  ({ unitOfWork, organisations, access, appendEvent, clock }: FoundOrganisationDeps): FoundFirstOrganisation =>
  async (actor, { slug, name }) => {
    const existing = await organisations.findDefault();
    if (existing) return existing;
    return unitOfWork.transaction(async (tx: Tx) => {
      // Two nodes that start at once on an empty database: the second waits here and then finds the first one's.
      await organisations.lockFounding(tx);
      const founded = await organisations.findDefault();
      if (founded) return founded;
      const createdAt = clock.now();
      const organisation = createOrganisation({ id: newId('org'), slug, name, createdAt });
      await organisations.insert(tx, organisation);
      const roles = Object.values(builtInRoles).map((definition) =>
        createRole({ id: newId('rol'), organisationId: organisation.id, definition }),
      );
      await access.addRoles(tx, roles, createdAt);
      await appendEvent(tx, { event: organisationFounded, actor, organisationId: organisation.id, data: { slug } });
      return organisation;
    });
  };
