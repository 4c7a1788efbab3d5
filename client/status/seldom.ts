import type { Queryable } from '../../db/connection/connection';
import type { SessionSummary } from '../../db/session/summary';
import type { World } from './merge-states';

type Look = (db: Queryable, summary: SessionSummary) => Promise<World>;

/**
 * Looks at worktrees again only when the database says something else of them, or when `restMs` are over: each look is
 * some git commands for each worktree that does not land, and a picture may be drawn every second.
 */
export function seldom(look: Look, restMs: number): Look {
  let last: { known: string; at: number; world: World } | null = null;
  return async (db, summary) => {
    const { session, epics, sequentialWorktree } = summary;
    const known = JSON.stringify([
      session.id,
      session.status,
      sequentialWorktree,
      epics.map(({ worktree }) => worktree),
    ]);
    if (last?.known !== known || Date.now() - last.at >= restMs) {
      const world = await look(db, summary);
      last = { known, at: Date.now(), world };
    }
    return last.world;
  };
}
