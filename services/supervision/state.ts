import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ServicesError } from '../errors';
import { replaceFile } from '../replace-file';

const identity = z.object({ pid: z.number().int().positive(), startedAt: z.string() });

const programName = z.enum(['postgres', 'temporal', 'worker']);

const port = z.number().int().positive().max(65_535).nullable();

/** Null: none that is known. */
export const portsSchema = z
  .object({ postgres: port, temporal: port, ui: port })
  .catch({ postgres: null, temporal: null, ui: null });

/** What other versions of YokeFlow wrote differently falls back: whom to stop must always be readable. */
const schema = z.object({
  supervisor: identity,
  /** The machine or container that it runs in; null: an older version did not say. */
  place: z.string().nullable().catch(null),
  programs: z.array(identity.extend({ name: programName })).catch([]),
  /** `ready` also means: whatever dies from now on is started again. */
  phase: z.enum(['starting', 'ready', 'stopping', 'failed']).catch('ready'),
  /** What was done so far, one line each, for whoever waits. */
  progress: z.array(z.string()).catch([]),
  failure: z.object({ problem: z.string(), remedy: z.string() }).nullable().catch(null),
  /** How often in a row each program ended soon after its start. */
  failures: z.partialRecord(programName, z.number()).catch({}),
  ports: portsSchema,
  worker: z.boolean().catch(false),
  /** Which settings, which build and which agents' keys all this was started with; hashes only. */
  wiring: z.string().catch(''),
  build: z.string().catch(''),
  /** The Node that it runs with; null: an older version did not say. */
  node: z.string().nullable().catch(null),
  agentKeys: z.record(z.string(), z.string()).catch({}),
  /** The socket of the ssh agent that the worker was started with. */
  sshAgent: z.string().nullable().catch(null),
});

/** What the supervisor of a home says about itself, in services.json. */
export type ServicesState = z.infer<typeof schema>;
export type ProgramName = z.infer<typeof programName>;

/**
 * Null when there is no file, or one that this version cannot read.
 * @throws ServicesError for another user's, of which nobody can say here whether it runs
 */
export async function readState(file: string): Promise<ServicesState | null> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') return null;
    throw new ServicesError(
      `${file} is another user's, so nobody can say whether services run there`,
      'use or stop them as that user, or set YOKEFLOW_HOME to a folder of yours',
      { cause: error },
    );
  }
}

export async function writeState(file: string, state: ServicesState): Promise<void> {
  await replaceFile(file, `${JSON.stringify(state, null, 2)}\n`);
}
