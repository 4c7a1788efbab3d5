import { setTimeout as sleep } from 'node:timers/promises';
import { getParallelBatches } from '../../db/events/batches';
import { loadPlan, type StoredPlan } from '../../db/plan/plan-load';
import { listRunningAttempts } from '../../db/task/running-attempts';
import type { SessionEvent } from '../../domain/session/events';
import type { Cli } from '../cli/command';
import type { Connected } from '../cli/connect';
import type { Screen } from '../cli/context';
import { planNames } from '../text/plan-names';
import { lookAtMerges } from '../status/merge-states';
import { seldom } from '../status/seldom';
import { sessionView } from '../status/session-view';
import { lastActions } from '../status/actions';
import { compose, type Sighting } from './compose';
import { render, renderNotices } from './render';
import { symbolsFor } from './symbols';
import { createTold } from './told';

export interface LiveView {
  onEvent: (event: SessionEvent) => void | Promise<void>;
  /** About the connection or the worker. */
  onNotice: (line: string) => void;
  /** Ends the drawing. The last frame stays where it is, or goes. */
  stop(frame: 'stays' | 'goes'): void;
}

/** The clock on the screen goes on between two looks at the database. */
const TICK_MS = 1_000;
/** Looking takes at most a fifth of the time, however large the plan. */
const REST = 4;
/** What changes without an event: costs of a turn that failed, a worktree that a person touched, the plan. */
const LOOK_ANYWAY_MS = 5_000;

/** Draws the session's picture, from its first event on, until it is stopped. */
export function startLiveView(
  { context, hint }: Cli,
  connected: Connected,
  screen: Screen,
  plan: StoredPlan,
): LiveView {
  const over = new AbortController();
  let names = planNames(plan);
  let graph = graphOf(plan);
  let planRead = Date.now();
  let sighting: Sighting | null = null;
  let sessionId: number | null = null;
  let news = false;
  const told = createTold(() => names, hint);
  const symbols = symbolsFor(context.env);
  const lookAtWorktrees = seldom(lookAtMerges, LOOK_ANYWAY_MS);

  const draw = () => {
    if (over.signal.aborted) return;
    const frame = { width: screen.width(), height: screen.height(), colours: context.colours, symbols };
    if (sighting) screen.draw(render(compose(sighting, told, Date.now()), frame));
    // A session that has not begun may wait for a worker, which nobody would hear of.
    else if (told.notices.length > 0) screen.draw(renderNotices(told.notices, frame));
  };

  const look = async (id: number): Promise<void> => {
    const { db, client } = connected;
    const { summary, steps, unlanded } = await sessionView(db, id, hint, [], lookAtWorktrees);
    const tasks = summary.epics.reduce((sum, epic) => sum + epic.tasks.length, 0);
    if (tasks !== graph.length || Date.now() - planRead > LOOK_ANYWAY_MS) {
      planRead = Date.now();
      const edited = await loadPlan(db, plan.project.id);
      names = planNames(edited);
      graph = graphOf(edited);
    }
    const [batches, attempts] = await Promise.all([getParallelBatches(db, id), listRunningAttempts(db, id)]);
    const parallel = summary.session.options.parallel === true;
    const epics = parallel ? new Set(attempts.map(({ epic }) => epic)) : attempts.length ? [null] : [];
    const actions = await lastActions(client, plan.project.name, [...epics]);
    sighting = { summary, steps, unlanded, batches, attempts, actions, graph };
  };

  const drawAll = async () => {
    let looked = 0;
    let rest = 0;
    while (!over.signal.aborted) {
      const now = Date.now();
      if (sessionId !== null && now - looked > rest && (news || now - looked > LOOK_ANYWAY_MS || working())) {
        news = false;
        // While PostgreSQL is away the last picture stays; whoever follows the events says so.
        await look(sessionId).catch(() => undefined);
        looked = Date.now();
        rest = (looked - now) * REST;
      }
      draw();
      await sleep(news ? TICK_MS / 4 : TICK_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  /** What agents do is told by their heartbeats, not by events. */
  const working = () => (sighting?.attempts.length ?? 0) > 0;

  const offResize = screen.onResize(draw);
  // It ends by itself; a look at a PostgreSQL that says nothing is not waited for.
  void drawAll();
  return {
    onEvent(event) {
      sessionId = event.sessionId;
      news = true;
      told.take(event);
    },
    onNotice: (line) => told.note(line),
    stop(frame) {
      over.abort();
      offResize();
      if (frame === 'stays') screen.leave();
      else screen.clear();
    },
  };
}

const graphOf = (plan: StoredPlan): Sighting['graph'] =>
  plan.epics.flatMap(({ tasks }) =>
    tasks.map(({ number, epic, priority, dependsOn }) => ({ id: number, epic, priority, dependsOn })),
  );
