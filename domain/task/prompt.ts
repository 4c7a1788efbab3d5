/** What a model is told. Pure text: the same facts always give the same words, so that prompts can be cached. */

export interface SystemFacts {
  project: string;
  /** The text of the project's own AGENTS.md or CLAUDE.md. */
  rules: string | null;
}

/** The same for every task of a project: the part that providers cache. */
export function systemPrompt({ project, rules }: SystemFacts): string {
  const own = rules ? ['', '<project_rules>', rules.trim(), '</project_rules>'] : [];
  return [
    `You are a software engineer. You work alone on one task of the project "${project}", in a git worktree of your own.`,
    '',
    'How to work:',
    '- Everything that you need is in the current directory. Read what is there before you change it.',
    '- Change only files in this directory. Other agents work in other worktrees of the same repository.',
    '- Do the task completely, and nothing that it does not ask for.',
    '- Do not switch branches, rebase, merge, push, or touch other branches. You may commit; all that you leave,',
    '  committed or not, becomes one commit. Do not use `git stash`: all worktrees have one list, and others pop from it.',
    '- Leave no temporary files. End every process that you start.',
    '- Others may work beside you on this machine. Servers of yours take the ports from $YOKEFLOW_PORT on, ten in all; databases,',
    '  containers and the like have $YOKEFLOW_SLUG in their names.',
    '- `[redacted]` in what you are shown stands for a secret that was taken out. Never write it into a file.',
    '- You cannot ask questions. Where the task leaves something open, choose what its author would expect.',
    '- When you are done, say in a few sentences what you did. If you cannot do it, say why.',
    ...own,
  ].join('\n');
}

export interface TaskFacts {
  task: { number: number; description: string; action: string };
  epic: { number: number; name: string } | null;
  branch: string;
  /** Hard dependencies: their work is in the worktree already. */
  dependencies: { task: number; description: string; commit: string | null }[];
  /** What has run in the worktree to make it ready. */
  setup: string | null;
  verify: string | null;
  /** That the agent has. */
  minutes: number;
  lastFailure: Failure | null;
  /** The tries before that one, the first one first. */
  earlierFailures: Pick<Failure, 'attempt' | 'reason'>[];
  /** What a person added when they had the task tried again. */
  instructions: string | null;
}

export interface Failure {
  attempt: number;
  reason: string;
  output: string;
  /** Where what it had written is kept, and what it began with; null: it had written nothing. */
  kept: { ref: string; base: string } | null;
}

export function taskPrompt(facts: TaskFacts): string {
  const { task } = facts;
  return [
    `# Task T${task.number}: ${task.description}`,
    ...(task.action === '' ? [] : [task.action]),
    ...placeLines(facts),
    ...judgeLines(facts),
    ...failureLines(facts),
    ...(facts.instructions ? ['## What to do differently this time', facts.instructions] : []),
  ].join('\n\n');
}

function placeLines({ epic, branch, dependencies, setup }: TaskFacts): string[] {
  const where = epic
    ? `This task is part of epic ${epic.number}, "${epic.name}", on branch ${branch}.`
    : `Branch ${branch}.`;
  const ready = setup ? [`This has run here to make it ready:\n\n${indented(setup)}`] : [];
  if (!dependencies.length) return ['## Where it stands', where, ...ready];
  const done = dependencies.map(
    ({ task, description, commit }) =>
      `- T${task} ${description}${commit ? ` (commit ${commit.slice(0, 10)})` : ''}`,
  );
  const builtOn = `${where} It builds on these, whose work is here already (\`git show\` tells what each did):`;
  return ['## Where it stands', builtOn, done.join('\n'), ...ready];
}

function judgeLines({ verify, minutes }: TaskFacts): string[] {
  const text = verify
    ? `After you, this command has to succeed in this directory. Run it yourself before you say that you are done:\n\n${indented(verify)}`
    : 'Nobody runs a check after you: make sure yourself that what you did works.';
  return ['## How it is judged', text, `Your time for all of it: ${Math.max(Math.round(minutes), 1)} min.`];
}

const indented = (command: string): string => `    ${command.replaceAll('\n', '\n    ')}`;

/** Of more than these, the first ones say nothing new. */
const MOST_EARLIER = 5;

function failureLines({ lastFailure, earlierFailures }: TaskFacts): string[] {
  if (!lastFailure) return [];
  const { attempt, reason, output, kept } = lastFailure;
  const before = earlierFailures
    .slice(-MOST_EARLIER)
    .map((earlier) => `- Attempt ${earlier.attempt}: ${earlier.reason}`)
    .join('\n');
  const work = kept
    ? ` What it had written is kept: \`git diff ${kept.base.slice(0, 10)} ${kept.ref}\` shows it.`
    : '';
  const printed = output ? `\n\n<output>\n${output}\n</output>` : '';
  return [
    '## What went wrong before',
    ...(before ? [before] : []),
    `Attempt ${attempt} at this task failed: ${reason}. The worktree is as it was before it.${work}${printed}`,
  ];
}
