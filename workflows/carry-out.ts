import type { SchedulerCommand } from '../domain/scheduler';
import type { BudgetHolds } from './budget-holds';
import type { Gate } from './gate';
import type { Lanes } from './lanes';
import type { Order } from './messages';
import { epicOf, type SessionPlan } from './plan-source';
import type { Records } from './records';

/** What the decisions of a session reach. */
export interface Hands {
  lanes: Lanes;
  gate: Gate;
  records: Records;
  holds: BudgetHolds;
}

/** Does what the scheduler has decided. */
export function carryOut(command: SchedulerCommand, plan: SessionPlan, hands: Hands): void {
  const { lanes, gate, records, holds } = hands;
  const { sessionId, titles, state } = plan;
  const order = (lane: string, what: Order, after?: Promise<unknown> | null): void => {
    const { epic, name } = plan.lanes.get(lane) ?? { epic: null, name: lane };
    lanes.order(epic, name, what, after);
  };
  switch (command.type) {
    case 'startTask': {
      const { lane, task } = command;
      holds.looks(lane);
      return order(lane, { kind: 'task', task, ...titles.get(task)! }, records.reopened());
    }
    case 'continueLane':
      holds.looks(command.lane);
      return order(command.lane, { kind: 'continue' });
    case 'cancelTask':
      return order(command.lane, { kind: 'cancel', task: command.task });
    case 'landStack':
      return gate.land(command.stack);
    case 'mend': {
      const { lane, verification } = command;
      holds.looks(lane);
      return order(lane, { kind: 'mend', ...(verification === undefined ? {} : { verification }) });
    }
    case 'holdLane':
      return records.command(sessionId, command, epicOf(plan, command.lane));
    case 'closeLane':
      return order(command.lane, { kind: 'close', outcome: state.lanes.get(command.lane)!.outcome! });
    case 'cancelLanes':
      gate.cancel();
      return lanes.cancelAll();
    case 'countAsDone':
    case 'failTask':
    case 'blockTasks':
    case 'unblockTasks':
      return records.command(sessionId, command, null);
    case 'finish':
      return;
  }
}
