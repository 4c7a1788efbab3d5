import { z } from 'zod';
import { isModelName, MODEL_NAME } from '../../domain/cost/models';
import { parseRunInput, type RunInput } from '../../domain/session/run-input';
import { UsageError } from '../cli/exit';
import type { FollowOptions } from './coding-session';
import type { ConnectOptions, ProjectId } from './yokeflow';

export interface StartCodingSessionsOptions
  extends Omit<RunInput, 'project' | 'model'>, FollowOptions, ConnectOptions {
  /** The project's name, or the id that `importPlan` returned. */
  projectId: ProjectId;
  /** For tasks that name none: `haiku`, `sonnet`, `opus`, `auto` or a full model id. */
  codingModel?: string;
}

const misnamed = (right: string) => z.never({ error: `is no option here: its name is ${right}` }).optional();
const called = z
  .custom<unknown>((value) => typeof value === 'function', { error: 'must be a function' })
  .optional();
const MODEL = `must be ${MODEL_NAME}`;
const PROJECT_ID = 'is required: the name of a project, or the id that importPlan returned';

/** What is not among the fields of the workflow's input. */
const schema = z.looseObject(
  {
    project: misnamed('projectId'),
    model: misnamed('codingModel'),
    projectId: z.union([z.string().min(1, { error: PROJECT_ID }), z.int().positive()], { error: PROJECT_ID }),
    codingModel: z.string({ error: MODEL }).refine(isModelName, { error: MODEL }).optional(),
    onProgress: called,
    onNotice: called,
    signal: z.instanceof(AbortSignal, { error: 'must be an AbortSignal' }).optional(),
    env: z.record(z.string(), z.unknown(), { error: 'must be an object, such as process.env' }).optional(),
    worker: z.boolean({ error: 'must be true or false' }).optional(),
  },
  { error: "must be one object, such as { projectId: 'my-app' }" },
);

export interface ReadOptions {
  projectId: ProjectId;
  connect: ConnectOptions;
  follow: FollowOptions;
  input: Omit<RunInput, 'project'>;
}

/**
 * The options, each where it belongs, checked before any service is started.
 * @throws UsageError that names the first field that is wrong
 */
export function readOptions(options: StartCodingSessionsOptions): ReadOptions {
  const own = schema.safeParse(options);
  if (!own.success) {
    const { path, message } = own.error.issues[0]!;
    throw new UsageError(`${path.join('.') || 'options'}: ${message}`);
  }
  const { projectId, codingModel, onProgress, onNotice, signal, env, worker, ...fields } = options;
  const input = codingModel === undefined ? fields : { ...fields, model: codingModel };
  const parsed = parseRunInput({ ...input, project: 'any' });
  if (!parsed.ok) throw new UsageError(parsed.message);
  return {
    projectId,
    connect: { env, worker, onNotice },
    follow: { onProgress, onNotice, signal },
    input,
  };
}
