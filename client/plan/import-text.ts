import type { ImportResult } from '../../db/plan/plan-import';
import type { Plan } from '../../domain/plan/plan';
import { plural } from '../../domain/plural';
import type { Hint } from '../text/hint';
import { batchesInOneLine, batchLines } from '../text/batches';

/** Batches shown after an import; `plan batches` shows all. */
const MOST_BATCHES = 20;

export interface ImportView {
  plan: Plan;
  imported: ImportResult;
  batches: number[][];
  /** It only says what it would do. */
  dryRun: boolean;
  hint: Hint;
}

/** What an import did, the batches, and the next command. */
export function importText({ plan, imported, batches, dryRun, hint }: ImportView): string {
  const { created, updated, unchanged, kept, removed, warnings } = imported;
  const list = (tasks: number[]) => tasks.map((task) => `T${task}`).join(', ');
  const changes = [
    `${created} created`,
    `${updated} updated`,
    `${unchanged} unchanged`,
    ...(removed.length > 0 ? [`removed ${list(removed)}`] : []),
    ...(kept.length > 0 ? [`kept finished ${list(kept)}`] : []),
  ];
  const lines = [`${plan.project}: ${plural(plan.epics.length, 'epic')}, tasks: ${changes.join(', ')}`];
  if (dryRun) lines.unshift('Nothing is stored. It would be');
  lines.push(...warnings.map((warning) => `warning: ${warning}`));
  if (batches.length === 0) return [...lines, 'The plan has no tasks yet.'].join('\n');
  lines.push('', ...batchLines(batches.slice(0, MOST_BATCHES)));
  if (batches.length > MOST_BATCHES) lines.push(`and ${batches.length - MOST_BATCHES} more`);
  else lines.push('', batchesInOneLine(batches));
  if (dryRun) return lines.join('\n');
  return [...lines, '', `Next: ${hint('run', '--project', plan.project, '--parallel')}`].join('\n');
}
