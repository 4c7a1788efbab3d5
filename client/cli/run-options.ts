import type { CommandOption } from './command';

/** What `run` and `schedule create` take about the session that they start. */
export const RUN_OPTIONS: readonly CommandOption[] = [
  ['--parallel', 'a worktree per epic, several agents at a time'],
  ['--max-concurrency <n>', 'agents at a time, 1 to 10 (default: 3)'],
  ['--merge-strategy <s>', 'regular (a merge commit per epic) or squash (default: regular)'],
  ['--scheduling <s>', 'dependencies or batches (default: dependencies)'],
  ['--agent <name>', 'for tasks that name none: claude, claude-code, codex, command or script'],
  ['--model <name>', 'for tasks that name none: haiku, sonnet, opus, auto, or a full id'],
  ['--budget <usd>', 'what the session may cost; it pauses before it costs more'],
  ['--task-budget <usd>', 'what each task may cost, all of its tries together'],
  ['--max-attempts <n>', 'tries per task (default: 3)'],
  ['--task-timeout <minutes>', 'time limit of one try (default: 60)'],
  ['--on-conflict <what>', 'agent, wait or fail (default: agent)'],
  ['--on-failure <what>', 'continue or wait (default: continue)'],
  ['--epics <numbers>', 'only these, such as 1,2'],
  ['--verify <command>', 'has to pass after each task and before each merge'],
  ['--pull-requests', 'push each epic and open a pull request by gh, instead of landing it'],
];
