import type { Command } from 'commander';

/** What `run` and `schedule create` take about the session that they start. */
export function addRunOptions(command: Command): Command {
  return command
    .option('--parallel', 'a worktree per epic, several agents at a time')
    .option('--max-concurrency <n>', 'agents at a time, 1 to 10 (default: 3)')
    .option('--merge-strategy <s>', 'regular (a merge commit per epic) or squash (default: regular)')
    .option('--scheduling <s>', 'dependencies or batches (default: dependencies)')
    .option('--agent <name>', 'for tasks that name none: claude, claude-code, codex, command or script')
    .option('--model <name>', 'for tasks that name none')
    .option('--budget <usd>', 'what the session may cost; it pauses before it costs more')
    .option('--task-budget <usd>', 'what each task may cost, all of its tries together')
    .option('--max-attempts <n>', 'tries per task (default: 3)')
    .option('--task-timeout <minutes>', 'time limit of one try (default: 60)')
    .option('--on-conflict <what>', 'agent, wait or fail (default: agent)')
    .option('--on-failure <what>', 'continue or wait (default: continue)')
    .option('--epics <numbers>', 'only these, such as 1,2')
    .option('--verify <command>', 'has to pass after each task and before each merge')
    .option('--pull-requests', 'push each epic and open a pull request by gh, instead of landing it');
}
