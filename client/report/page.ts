import { plural } from '../../domain/plural';
import type { ReportFacts } from './facts';
import { gantt } from './gantt';
import { dependencyGraph } from './graph';
import { GENERATOR } from './earlier-report';
import { html, type Html } from './html';
import { costs, failures, landed, numbers, proposed, todo } from './sections';
import { STYLES } from './styles';
import { timeline } from './timeline';

/** The report of a session: one page that needs nothing else, and runs no script whatever agents wrote. */
export function reportPage(facts: ReportFacts): string {
  const { session } = facts.summary;
  const name = `${session.project}: session ${session.id}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        ${GENERATOR}
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${name}</title>
        <style>
          ${STYLES}
        </style>
      </head>
      <body>
        <main>
          <header>
            <h1>${name}<span class="badge ${session.status}">${session.status}</span></h1>
            <div class="quiet">${when(facts)}</div>
            ${session.statusReason && html`<div>${session.statusReason}</div>`}
            ${facts.outdated && html`<div>A later session ran since: tasks are shown as this one left them, what to do is as of now.</div>`}
          </header>
          ${numbers(facts)} ${todo(facts)} ${timelineSection(facts)}
          <section>
            <h2>Dependencies</h2>
            ${dependencyGraph(facts)}${graphLegend()}
          </section>
          <section>
            <h2>Costs</h2>
            ${costs(facts)}
          </section>
          <section>
            <h2>Failures</h2>
            ${failures(facts)}
          </section>
          <section>
            <h2>What landed</h2>
            ${landed(facts)}
          </section>
          ${proposed(facts)}
        </main>
      </body>
    </html> `.text;
}

function when({ summary: { session }, now }: ReportFacts): string {
  const end = session.endedAt
    ? ` to ${minute(session.endedAt)}`
    : `, looked at ${minute(new Date(now).toISOString())}`;
  const { parallel, maxConcurrency, mergeStrategy, pullRequests } = session.options;
  const merges =
    pullRequests === true ? 'pull requests' : `${mergeStrategy === 'squash' ? 'squash' : 'regular'} merges`;
  const mode =
    parallel === true
      ? `at most ${plural(Number(maxConcurrency) || 1, 'agent')} at a time, ${merges}`
      : 'one task at a time';
  return `${minute(session.startedAt)}${end} UTC, ${mode}`;
}

const minute = (iso: string) => iso.slice(0, 16).replace('T', ' ');

function timelineSection(facts: ReportFacts): Html {
  const times = timeline(facts);
  return html`<section>
    <h2>Timeline</h2>
    ${gantt(times)}
    <div class="legend">
      <i class="complete">complete</i><i class="failed">failed, or in conflict</i><i class="merged">merge</i
      ><i class="running">running</i><i class="cancelled">cancelled</i
      ><i class="wait">waiting</i>${times.pauses.length > 0 && html`<i class="pause">paused</i>`}
    </div>
    ${times.idle > 0 && html`<p class="quiet">${plural(times.idle, 'epic')} had no part in this session.</p>`}
  </section>`;
}

const graphLegend = (): Html =>
  html`<div class="legend">
    <i class="complete">complete</i><i class="failed">failed</i><i class="blocked">blocked</i
    ><i class="running">running</i><i>not started, or skipped</i><span>dashed: soft dependency</span>
  </div>`;
