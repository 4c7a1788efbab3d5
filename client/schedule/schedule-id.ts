import { UsageError } from '../cli/exit';
import { sessionWorkflowId } from '../../workflows/messages';

export const DEFAULT_SCHEDULE = 'nightly';

/** What tells a command which schedule is meant. */
export const scheduleFlags = (project: string, name: string): string[] => [
  ...['--project', project],
  ...(name === DEFAULT_SCHEDULE ? [] : ['--name', name]),
];

/** `yokeflow-my-app-nightly`: also the start of the workflow ids that the schedule starts. */
export function scheduleId(project: string, name: string): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,39}$/i.test(name))
    throw new UsageError(
      `--name must be up to 40 letters, digits, dots, hyphens or underscores, got "${name}"`,
    );
  return `${sessionWorkflowId(project)}-${name}`;
}
