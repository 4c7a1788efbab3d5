import { isUtf8 } from 'node:buffer';
import type { Plan } from '../../domain/plan/plan';
import { describePlanErrors } from '../../domain/plan/plan-error';
import { parsePlan, type PlanResult } from '../../domain/plan/plan-parse';
import { UsageError } from '../cli/exit';
import { readGivenFile } from '../cli/given-file';

/** Plans of 10,000 tasks with long actions are a third of it. */
const MOST_MB = 64;

/** What reading as UTF-8 makes of bytes that are not. */
const REPLACED = '\ufffd';

/**
 * The plan in a file, or all of its mistakes.
 *
 * @param name the file as the person wrote it, for messages
 * @throws UsageError when the file cannot be read
 */
export async function parsePlanFile(file: string, name: string): Promise<PlanResult> {
  const bytes = await readGivenFile(file, MOST_MB * 1e6).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${name}: ${unreadable(error)}`, { cause: error });
  });
  if (!bytes) throw new UsageError(`${name}: is longer than ${MOST_MB} MB: give the path of a plan file`);
  const text = bytes.toString('utf8');
  return isUtf8(bytes) ? parsePlan(text, name) : { ok: false, errors: [notUtf8(text)] };
}

/** @throws UsageError also when there are mistakes in it */
export async function readPlan(file: string, name: string): Promise<Plan> {
  const parsed = await parsePlanFile(file, name);
  if (!parsed.ok) throw new UsageError(describePlanErrors(parsed.errors, name));
  return parsed.plan;
}

/** Its text would go into commits with what cannot be read replaced. */
const notUtf8 = (text: string) => ({
  line: text.slice(0, text.indexOf(REPLACED)).split('\n').length,
  field: '',
  message: 'holds bytes that are not UTF-8; save the plan in UTF-8',
});

function unreadable({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file: give the path of a plan file';
  if (code === 'EISDIR') return 'is a folder: give the path of a plan file';
  if (code === 'EACCES') return 'may not be read: check its permissions';
  return `cannot be read (${message}): give the path of a plan file`;
}
