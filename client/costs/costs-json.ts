import { usdFromNano } from '../../db/cost/money';
import { groupRows, modelName, totalOf, type CostTotal } from './cost-total';
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
          status: row.status,
          agent: row.agent,
          model: row.model,
          ...totalJson(totalOf([row])),
        })),
      })),
    })),
  };
}

export function totalJson({ costNano, unpriced, incomplete, tokens }: CostTotal) {
  const atLeast = unpriced.length > 0 || incomplete;
  return { costUsd: usdFromNano(costNano), atLeast, unknownPrices: unpriced, tokens };
}
