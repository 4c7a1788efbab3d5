import type { Database } from '../../db/connection/connection';
import { withLease, type Lease } from '../scope/lease';
import type { Place } from '../scope/place';

/** One lane of a stack that is to land, with the worktree that nobody else may write in meanwhile. */
export interface Member {
  place: Place;
  /** The lanes before it in the stack whose commits it contains, without what one of these contains as well. */
  needs: (number | null)[];
  lease: Lease;
}

export const epicsOf = (members: readonly { place: Place }[]): number[] =>
  members.flatMap(({ place }) => (place.epic === null ? [] : [place.epic]));

/** Owns the worktrees of all lanes while `work` runs. @throws ApplicationFailure `LeaseHeld` */
export async function withMembers<T>(
  db: Database,
  lanes: { place: Place; needs: (number | null)[] }[],
  work: (members: Member[]) => Promise<T>,
): Promise<T> {
  const take = async (members: Member[]): Promise<T> => {
    const lane = lanes[members.length];
    if (!lane) return work(members);
    const { worktree, session } = lane.place;
    const holder = `landing of session ${session.id}`;
    return withLease(db, { worktreeId: worktree.id, holder }, async (lease) => {
      try {
        return await take([...members, { ...lane, lease }]);
      } finally {
        await lease.release();
      }
    });
  };
  return take([]);
}
