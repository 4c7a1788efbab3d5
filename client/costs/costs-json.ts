import { usdFromNano } from '../../domain/cost/money';
import { groupRows, isFloor, modelName, totalOf, type CostTotal } from './cost-total';
import type { SessionCosts } from './session-costs';

/** A session's costs with totals at every level; `atLeast` where some of it could not be priced. */
export function sessionCostsJson({ session, rows, total, removedNano }: SessionCosts) {
  const { id, status, startedAt, endedAt } = session;
  return {
    session: id,
    status,
    startedAt,
    endedAt,
    ...totalJson(total),
    removedTasksUsd: usdFromNano(removedNano),
    models: groupRows(rows, modelName).map(([model, used]) => ({ model, ...totalJson(totalOf(used)) })),
    epics: groupRows(rows, (row) => row.epic).map(([epic, inEpic]) => ({
      epic,
      name: inEpic[0]!.epicName,
      ...totalJson(totalOf(inEpic)),
      tasks: groupRows(inEpic, (row) => row.task).map(([task, inTask]) => ({
        task,
        title: inTask[0]!.title,
        ...totalJson(totalOf(inTask)),
        attempts: inTask.map((row) => ({
          attempt: row.attempt,
          purpose: row.purpose,
          status: row.status,
          agent: row.agent,
          model: row.model,
          ...totalJson(totalOf([row])),
        })),
      })),
    })),
  };
}

export function totalJson(total: CostTotal) {
  const { costNano, unpriced, tokens } = total;
  return { costUsd: usdFromNano(costNano), atLeast: isFloor(total), unknownPrices: unpriced, tokens };
}
