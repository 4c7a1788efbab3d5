import { setTimeout as sleep } from 'node:timers/promises';
import { random } from '../support/random';
import type { Rig } from './rig';
import { killAgentProcess } from './victims';

/** What is killed, and how often in a hundred. */
const VICTIMS = [
  ['worker', 40],
  ['worker, told', 10],
  ['agent', 20],
  ['temporal', 15],
  ['postgres', 15],
] as const;
type Victim = (typeof VICTIMS)[number][0];

const PAUSE_MS = { from: 200, to: 3_500 };
const DOWN_MS = { from: 0, to: 1_500 };

export interface Kill {
  victim: Victim;
  /** Which one of several, from 0 up to 1. */
  choice: number;
  /** Milliseconds since the last one. */
  pauseMs: number;
  /** Milliseconds until it is started again. */
  downMs: number;
}

/** The kills of a seed: always the same. What they hit depends on the machine's speed. */
export function killsOf(seed: number, count: number): Kill[] {
  return Array.from({ length: count }, (_, index) => {
    const draw = (n: number) => random(seed, index * 4 + n);
    const between = ({ from, to }: typeof PAUSE_MS, share: number) => Math.round(from + share * (to - from));
    return {
      victim: victimAt(draw(0) * 100),
      choice: draw(1),
      pauseMs: between(PAUSE_MS, draw(2)),
      downMs: between(DOWN_MS, draw(3)),
    };
  });
}

function victimAt(point: number): Victim {
  let rest = point;
  for (const [victim, share] of VICTIMS) {
    if (rest < share) return victim;
    rest -= share;
  }
  return 'worker';
}

/** Carries the kills out, one after the other, until the session has ended; returns what was killed when. */
export async function wreakHavoc(
  rig: Rig,
  repository: string,
  kills: Kill[],
  ended: () => boolean,
): Promise<string[]> {
  const started = Date.now();
  const log: string[] = [];
  for (const kill of kills) {
    await sleep(kill.pauseMs);
    if (ended()) break;
    const at = ((Date.now() - started) / 1000).toFixed(1);
    const what = await carryOut(rig, repository, kill);
    log.push(`${at} s ${what}`);
  }
  return log;
}

async function carryOut(rig: Rig, repository: string, { victim, choice, downMs }: Kill): Promise<string> {
  const down = `down ${downMs} ms`;
  switch (victim) {
    case 'worker':
    case 'worker, told': {
      const index = Math.floor(choice * rig.workers.length);
      const worker = rig.workers[index]!;
      await worker[victim === 'worker' ? 'kill' : 'stop']();
      await sleep(downMs);
      worker.start();
      return `${victim} ${index + 1} (${down})`;
    }
    case 'agent':
      return `agent's process: ${(await killAgentProcess(repository, choice)) ?? 'none ran'}`;
    case 'temporal':
    case 'postgres':
      await rig[victim].kill();
      await sleep(downMs);
      await rig[victim].restart();
      return `${victim} (${down})`;
  }
}
