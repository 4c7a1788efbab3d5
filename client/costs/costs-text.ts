import { usdFromNano } from '../../domain/cost/money';
import type { CostRow } from '../../db/cost/cost-report';
import { groupRows, modelName, totalOf, type CostTotal } from './cost-total';
import { projectTotal, type SessionCosts } from './session-costs';
import { title } from '../text/plan-names';
import { purposeOf } from '../text/purpose';
import { table } from '../text/table';
import { cost, money } from '../text/units';
import { plural } from '../../domain/plural';

const COLUMNS = ['', 'in', 'out', 'to cache', 'from cache', 'cost'];

/** One session in full: epics, tasks, tries, models. */
function sessionCostsText(costs: SessionCosts): string {
  const { rows, total, session, removedNano } = costs;
  const lines = [line(sessionLabel(costs), total)];
  for (const [epic, inEpic] of groupRows(rows, (row) => row.epic)) {
    lines.push(line(`  Epic ${epic} ${title(inEpic[0]!.epicName)}`, totalOf(inEpic)));
    for (const [task, inTask] of groupRows(inEpic, (row) => row.task)) {
      lines.push(line(`    T${task} ${title(inTask[0]!.title)}`, totalOf(inTask)));
      lines.push(...inTask.map((row) => line(`      ${tryLabel(row)}`, totalOf([row]))));
    }
  }
  if (removedNano > 0)
    lines.push(['  tasks that left the plan', '', '', '', '', money(usdFromNano(removedNano))]);
  if (lines.length === 1 && total.costNano === 0 && total.unpriced.length === 0)
    return `Session ${session.id} (${session.status}): nothing spent, no model was asked.`;
  const models = groupRows(rows, modelName).sort(([a], [b]) => a.localeCompare(b));
  const byModel = models.map(([model, used]) => line(`  ${model}`, totalOf(used)));
  return table(COLUMNS, [...lines, ...(byModel.length > 0 ? [['By model'], ...byModel] : [])]);
}

/** The latest session in full, those before it with a line each, and all together. */
export function projectCostsText(sessions: readonly SessionCosts[]): string {
  const [latest, ...earlier] = sessions;
  if (!latest) return 'No session yet, so nothing was spent.';
  if (earlier.length === 0) return sessionCostsText(latest);
  const lines = earlier.map((costs) => line(`  ${sessionLabel(costs)}`, costs.total));
  const all = line(`All ${plural(sessions.length, 'session')}`, projectTotal(sessions));
  return `${sessionCostsText(latest)}\n\n${table(COLUMNS, [['Earlier'], ...lines, all])}`;
}

const sessionLabel = ({ session: { id, status } }: SessionCosts) => `Session ${id} (${status})`;

const tryLabel = (row: CostRow) =>
  [`try ${row.attempt} ${row.status}`, row.agent, modelName(row), ...purposeOf(row)].join(', ');

function line(label: string, total: CostTotal): string[] {
  const { input, output, cacheWrite, cacheRead } = total.tokens;
  const counts = [input, output, cacheWrite, cacheRead].map((tokens) => tokens.toLocaleString('en-US'));
  return [label, ...counts, costText(total)];
}

/** `at least 0.42 USD, price of X unknown` */
export function costText({ costNano, unpriced, incomplete }: CostTotal): string {
  const why = [
    ...(unpriced.length > 0 ? [`price of ${unpriced.join(', ')} unknown`] : []),
    ...(incomplete ? ['failed calls are known in part'] : []),
  ];
  return [cost(usdFromNano(costNano), why.length > 0), ...why].join(', ');
}
