import type { ImportResult } from '../../db/plan/plan-import';
import type { Plan } from '../../domain/plan/plan';
import { listed } from '../../domain/listed';
import { plural } from '../../domain/plural';
import type { Hint } from '../text/hint';
import { batchesInOneLine, batchLines } from '../text/batches';

/** Batches shown after an import; `plan batches` shows all. */
const MOST_BATCHES = 20;
/** Finished tasks that are named: after a plan or two that is most of them. */
const MOST_KEPT = 20;

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
  const named = (tasks: number[]) => tasks.map((task) => `T${task}`);
  const changes = [
    `${created} created`,
    `${updated} updated`,
    `${unchanged} unchanged`,
    ...(removed.length > 0 ? [`removed ${listed(named(removed))}`] : []),
    ...(kept.length > 0
      ? [`kept finished ${listed(named(kept), MOST_KEPT)}, which the file no longer has`]
      : []),
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
