import { usdFromNano } from '../../domain/cost/money';
import type { Attempt } from '../../db/task/attempts';
import type { StoredTask } from '../../db/task/stored-task';
import type { CostRow } from '../../db/cost/cost-report';
import { groupRows, isFloor, modelName, totalOf } from '../costs/cost-total';
import { costText } from '../costs/costs-text';
import { title } from '../text/plan-names';
import { cost, duration, shortCommit } from '../text/units';
import { plural } from '../../domain/plural';
import { attemptAbout } from './attempt-about';
import type { ReportFacts } from './facts';
import { html, type Html } from './html';
import { spentByTask, spentText } from './spent';

/** What a person should do now, with the commands. */
export function todo({ steps }: ReportFacts): Html {
  if (!steps.length) return html``;
  return html`<section class="todo">
    <h2>What to do</h2>
    ${steps.map(
      ({ problem, output = [], commands }) =>
        html`<p>${problem}</p>
          ${output.length > 0 && html`<pre>${output.join('\n')}</pre>`}
          ${commands.length > 0 && html`<pre>${commands.join('\n')}</pre>`}`,
    )}
  </section>`;
}

/** By model and by epic, the largest first. */
export function costs({ costs: { rows, total } }: ReportFacts): Html {
  if (!rows.length && total.costNano === 0)
    return html`<p class="quiet">Nothing was spent: no model was asked.</p>`;
  return html`<div class="columns">
    ${costTable('Model', groupRows(rows, modelName))}
    ${costTable(
      'Epic',
      groupRows(rows, ({ epic, epicName }) => `${epic} ${title(epicName)}`),
    )}
  </div>`;
}

function costTable(what: string, groups: [string, CostRow[]][]): Html {
  const totals = groups
    .map(([name, rows]) => ({ name, total: totalOf(rows) }))
    .sort((a, b) => b.total.costNano - a.total.costNano);
  const most = Math.max(...totals.map(({ total }) => total.costNano), 1);
  return html`<table>
    <thead>
      <tr>
        <th>${what}</th>
        <th class="number">in</th>
        <th class="number">out</th>
        <th class="number">cached</th>
        <th class="number">cost</th>
        <th></th>
      </tr>
    </thead>
    <tbody>
      ${totals.map(({ name, total }) => {
        const { input, output, cacheRead, cacheWrite } = total.tokens;
        return html`<tr>
          <td>${name}</td>
          ${[input, output, cacheRead + cacheWrite].map(
            (tokens) => html`<td class="number">${tokens.toLocaleString('en-US')}</td>`,
          )}
          <td class="number">${costText(total)}</td>
          <td class="share">${share(total.costNano / most)}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

const share = (part: number): Html =>
  html`<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect width="${(part * 100).toFixed(1)}" height="8" rx="2" />
  </svg>`;

const MOST_FAILURES = 100;

/** Every try that failed, with the end of its output. */
export function failures(facts: ReportFacts): Html {
  const failed = facts.attempts.filter(({ status }) => status === 'failed' || status === 'abandoned');
  if (!failed.length) return html`<p class="quiet">No try failed.</p>`;
  const rest = failed.length - MOST_FAILURES;
  return html`${failed.slice(0, MOST_FAILURES).map((attempt, index) => failure(attempt, facts, index < 5))}
  ${rest > 0 && html`<p class="quiet">and ${plural(rest, 'more failed try', 'more failed tries')}</p>`}`;
}

function failure(attempt: Attempt, facts: ReportFacts, open: boolean): Html {
  const reason = attempt.reason?.trim() ?? '';
  const output = attempt.outputTail?.trim() ?? '';
  return html`<details ${open && 'open'}>
    <summary>${attemptAbout(attempt, facts)}</summary>
    ${reason.includes('\n') && html`<pre>${reason}</pre>`} ${output && html`<pre>${output}</pre>`}
    <p class="quiet">
      What it had written, if anything:
      <code>git show refs/yokeflow/wip/${attempt.task}/${attempt.number}</code>
    </p>
  </details>`;
}

interface Landing {
  /** Null: that of the one worktree of a sequential session. */
  epic: number | null;
  commit: string;
  tasks: StoredTask[];
}

/** Tasks land with the first merge after they were complete. */
function landings({ summary, events, plan }: ReportFacts): Landing[] {
  const all = plan.epics.flatMap((epic) => epic.tasks);
  const since = new Map<number | null, number>();
  return events
    .filter(({ type }) => type === 'epic_merged')
    .map(({ epic, at, data: { commit } }) => {
      const [from, to] = [since.get(epic) ?? Date.parse(summary.session.startedAt), Date.parse(at)];
      since.set(epic, to + 1);
      const tasks = all.filter((task) => {
        const completed = task.completedAt === null ? NaN : Date.parse(task.completedAt);
        return task.commit && (epic === null || task.epic === epic) && completed >= from && completed <= to;
      });
      return { epic, commit: typeof commit === 'string' ? shortCommit(commit) : '', tasks };
    });
}

/** What came to the base branch in this session, merge by merge. */
export function landed(facts: ReportFacts): Html {
  const { epics, project } = facts.plan;
  const all = landings(facts);
  if (!all.length) return html`<p class="quiet">Nothing landed on ${project.baseBranch}.</p>`;
  const names = new Map(epics.map(({ number, name }) => [number, `${number} ${title(name)}`]));
  const spent = spentByTask(facts.attempts);
  return html`<table>
    <thead>
      <tr>
        <th>Epic</th>
        <th>Commit</th>
        <th>Tasks</th>
      </tr>
    </thead>
    <tbody>
      ${all.map(({ epic, commit, tasks }) => {
        const of = epic === null ? [...new Set(tasks.map((task) => task.epic))] : [epic];
        return html`<tr>
          <td>${of.map((number) => html`<div>${names.get(number) ?? number}</div>`)}</td>
          <td><code>${commit}</code></td>
          <td>${tasks.map((task) => landedTask(task, spentText(spent.get(task.number))))}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

function landedTask({ number, description, commit, durationMs, empty }: StoredTask, spent: string[]): Html {
  const facts = [
    shortCommit(commit!),
    ...(durationMs === null ? [] : [duration(durationMs)]),
    ...spent,
    ...(empty ? ['changed nothing'] : []),
  ];
  return html`<div>T${number} ${title(description)} <span class="quiet">${facts.join(', ')}</span></div>`;
}

/** Pull requests of this session, by epic. */
export function proposed({ events, plan }: ReportFacts): Html | false {
  const opened = events.filter(({ type }) => type === 'epic_proposed');
  if (!opened.length) return false;
  return html`<section>
    <h2>Pull requests</h2>
    ${opened.map(({ epic, data: { number, url } }) => {
      const name = plan.epics.find((one) => one.number === epic)?.name ?? '';
      return html`<p>${epic ?? ''} ${title(name)}: #${String(number)} <code>${String(url)}</code></p>`;
    })}
  </section>`;
}

/** The session in a few numbers. */
export function numbers({ summary, attempts, costs: { total }, events, now }: ReportFacts): Html {
  const { session, tasks } = summary;
  const count = Object.values(tasks).reduce((sum, one) => sum + one, 0);
  const end = session.endedAt === null ? now : Date.parse(session.endedAt);
  const tookMs = end - Date.parse(session.startedAt);
  const workedMs = attempts.reduce(
    (sum, { startedAt, endedAt }) => sum + (endedAt ? Date.parse(endedAt) : now) - Date.parse(startedAt),
    0,
  );
  const merges = new Set(events.filter(({ type }) => type === 'epic_merged').map(({ epic }) => epic)).size;
  const wrong = [
    ...(tasks.failed ? [`${tasks.failed} failed`] : []),
    ...(tasks.blocked ? [`${tasks.blocked} blocked`] : []),
    ...(tasks.skipped ? [`${tasks.skipped} skipped`] : []),
  ];
  const tiles: [string, string, string][] = [
    [`${tasks.complete} of ${count}`, 'tasks complete', wrong.join(', ')],
    [String(merges), merges === 1 ? 'merge' : 'merges', 'on the base branch'],
    [duration(tookMs), session.endedAt === null ? 'so far' : 'from start to end', 'pauses included'],
    [
      duration(workedMs),
      'of agents’ work',
      workedMs > tookMs && tookMs > 0 ? `${(workedMs / tookMs).toFixed(1)} at a time` : '',
    ],
    [cost(usdFromNano(total.costNano), isFloor(total)), 'spent', ''],
    [String(attempts.length), attempts.length === 1 ? 'try' : 'tries', failedOf(attempts)],
  ];
  return html`<div class="tiles">
    ${tiles.map(
      ([value, what, more]) =>
        html`<div class="tile"><b>${value}</b><span>${what}</span>${more && html`<i>${more}</i>`}</div>`,
    )}
  </div>`;
}

function failedOf(attempts: readonly Attempt[]): string {
  const failed = attempts.filter(({ status }) => status === 'failed').length;
  return failed ? `${failed} failed` : '';
}
