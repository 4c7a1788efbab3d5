import { readFile } from 'node:fs/promises';
import { exists } from '../exists';
import { replaceFile } from '../replace-file';
import { versionOf } from './cli-version';

/** Says which version of the CLI made the tables of a database. */
const fileOf = (database: string): string => `${database}.made-by`;

/** Call it before the server of `cli` starts. */
export async function noteMaker(database: string, cli: string): Promise<void> {
  if (!(await exists(database))) await replaceFile(fileOf(database), (await versionOf(cli)) ?? '');
}

export interface OtherMaker {
  problem: string;
  remedy: string;
}

/**
 * Temporal adds no tables to a database that is there: what needs one that only its version has fails when it is asked for.
 * Null where the same version made the database, or nobody knows which.
 */
export async function otherMaker(database: string, cli: string): Promise<OtherMaker | null> {
  const maker = await readFile(fileOf(database), 'utf8').catch(() => '');
  if (!maker) return null;
  const version = await versionOf(cli);
  if (version === null || maker === version) return null;
  return {
    problem: `${cli} is version ${version}, and ${maker} made the database here: schedules and others of its parts may fail`,
    remedy: `set YOKEFLOW_TEMPORAL_PATH to a Temporal CLI ${maker}, or see "Upgrades" in docs/guide/operations.md`,
  };
}
