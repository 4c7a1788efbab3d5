import { DOUBLES, type Kind } from '../faults/agent-double';
import { FAULTS, runWithFault, type Fault, type What } from '../faults/session';
import { removeTemporaryFolders } from '../support/git-repository';

afterAll(removeTemporaryFolders);

const {
  YOKEFLOW_FAULT_SESSIONS: sessions,
  YOKEFLOW_FAULT_FROM: from,
  YOKEFLOW_FAULT_EVERY: every,
  YOKEFLOW_FAULT_WHAT: asked,
  YOKEFLOW_FAULT_ONLY: only = '',
} = process.env;

/** In each session every how many-th fails of what can: as many sessions have had them all. */
const EVERY: Record<What, number> = { statement: 40, answer: 20, git: 12, signal: 2, sent: 2 };
/** An agent's try at a merge runs more git commands than 12: with one of those failing each time, none comes through. */
const EVERY_OF_MERGES: Partial<Record<What, number>> = { git: 40 };
const AT_ONCE = 4;

/** What is the same for all agents need not be seen with each. */
function kindsOfFault(kind: Kind): What[] {
  if (asked) return asked.split(',') as What[];
  return sessions || kind === 'script' ? (Object.keys(FAULTS) as What[]) : ['answer'];
}

/** It is all that there is of the work of an agent without a conversation. */
const AGENT_DONE: Fault = { what: 'statement', at: 1, every: 9_999, only: /set outcome/ };

function faultsFor(kind: Kind): Fault[] {
  const chosen = chosenFor(kind);
  return sessions ? chosen : [...chosen, AGENT_DONE];
}

function chosenFor(kind: Kind): Fault[] {
  return kindsOfFault(kind).flatMap((what) => {
    const usual = (kind === 'command' && EVERY_OF_MERGES[what]) || EVERY[what];
    const step = Number(every ?? usual);
    const count = Math.min(Number(sessions ?? 1), step);
    // Not the first statement, which is all alone.
    const first = Number(from ?? (sessions ? 1 : Math.ceil(step / 2)));
    return Array.from({ length: count }, (_, index) => ({
      ...{ what, at: first + index, every: step, only: new RegExp(only) },
    }));
  });
}

/** See CONTRIBUTING.md for how to have more of them. */
test.each(Object.keys(DOUBLES) as Kind[])(
  '%s: now and then something fails, and the session comes out whole; nothing is done or paid twice',
  async (kind) => {
    const broken: string[] = [];
    const faults = faultsFor(kind);
    const lane = async () => {
      for (let fault = faults.shift(); fault; fault = faults.shift()) {
        const report = await runWithFault(kind, fault);
        if (sessions) process.stderr.write(`${report.broken.length ? 'BROKEN' : 'whole'} ${report.story}\n`);
        if (report.broken.length) broken.push(report.story, ...report.broken);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    expect(broken).toEqual([]);
  },
  sessions ? 24 * 60 * 60_000 : 240_000,
);
