import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { SchedulerState } from '../domain/scheduler';

const project = defineSearchAttributeKey('Project', SearchAttributeType.KEYWORD);
const attention = defineSearchAttributeKey('Attention', SearchAttributeType.BOOL);
const cost = defineSearchAttributeKey('CostUsd', SearchAttributeType.DOUBLE);

/** What Temporal's lists know of a session. Each change is an event of its history, so costs change by whole dollars. */
export interface SessionAttributes {
  show(state: SchedulerState, costUsd: number): void;
}

export function createSessionAttributes(name: string): SessionAttributes {
  let shown: { attention: boolean; costUsd: number } | null = null;
  return {
    show(state, costUsd) {
      const now = { attention: needsAttention(state), costUsd };
      const pairs: SearchAttributePair[] = [];
      if (!shown) pairs.push({ key: project, value: name });
      if (shown?.attention !== now.attention) pairs.push({ key: attention, value: now.attention });
      const changed = Math.floor(costUsd) !== Math.floor(shown?.costUsd ?? -1);
      if (changed || (state.finished && shown?.costUsd !== costUsd))
        pairs.push({ key: cost, value: costUsd });
      if (!pairs.length) return;
      shown = {
        attention: now.attention,
        costUsd: pairs.some(({ key }) => key === cost) ? costUsd : shown!.costUsd,
      };
      upsertSearchAttributes(pairs);
    },
  };
}

const HELD = ['conflict', 'blocked', 'rejected', 'lost'];

/** Something that only a person settles: a pause, a failed task, an epic that does not land. */
function needsAttention({ paused, tasks, lanes }: SchedulerState): boolean {
  if (paused) return true;
  for (const { outcome } of lanes.values()) if (outcome && HELD.includes(outcome)) return true;
  for (const { state } of tasks.values()) if (state === 'failed') return true;
  return false;
}
