import type { Command } from 'commander';
import type { Cli } from './cli/command';

/** Commands of the program that one module adds. It is loaded when one of them is asked for: what all need takes most of a second. */
export interface CommandGroup {
  /** How each is called, and what it does, as the module says, too. */
  commands: [usage: string, summary: string][];
  load(): (program: Command, cli: Cli) => void;
}

/** In the order of the help. */
export const OVERVIEW: readonly CommandGroup[] = [
  {
    commands: [['demo', 'run an example plan in a repository of its own; no model and no key are needed']],
    load: () => (require('./commands/demo') as typeof import('./commands/demo')).addDemo,
  },
  {
    commands: [['plan', 'import plans and look at them']],
    load: () => (require('./commands/plan') as typeof import('./commands/plan')).addPlan,
  },
  {
    commands: [['task', 'change single tasks of a plan']],
    load: () => (require('./commands/task') as typeof import('./commands/task')).addTask,
  },
  {
    commands: [['run', 'run the plan of a project, or follow the session that is open']],
    load: () => (require('./commands/run') as typeof import('./commands/run')).addRun,
  },
  {
    commands: [
      ['pause', 'start no further tasks; what runs finishes'],
      ['resume', 'go on after a pause'],
      ['retry <task>', 'try a failed task again, with other instructions and another model if you like'],
      ['skip <task>', 'count a task as done without doing it'],
      ['cancel [task]', 'stop the open session, or one task of it; uncommitted work is kept'],
    ],
    load: () => (require('./commands/steering') as typeof import('./commands/steering')).addSteering,
  },
  {
    commands: [['budget <usd>', 'what the open session may cost in all; what waited for money goes on']],
    load: () => (require('./commands/budget') as typeof import('./commands/budget')).addBudget,
  },
  {
    commands: [
      [
        'merge <epic>',
        'merge an epic whose tasks are done, for example after you resolved its conflict; or "sequential"',
      ],
    ],
    load: () => (require('./commands/merge') as typeof import('./commands/merge')).addMerge,
  },
  {
    commands: [['worktrees', 'look after the worktrees of a project']],
    load: () => (require('./commands/worktrees') as typeof import('./commands/worktrees')).addWorktrees,
  },
  {
    commands: [['schedule', 'run plans at set times, such as every night']],
    load: () => (require('./commands/schedule') as typeof import('./commands/schedule')).addSchedule,
  },
  {
    commands: [['notify', 'be told when a session ends or needs you']],
    load: () => (require('./commands/notify') as typeof import('./commands/notify')).addNotify,
  },
  {
    commands: [['mcp', 'let an agent plan: a Model Context Protocol server on standard input and output']],
    load: () => (require('./commands/mcp') as typeof import('./commands/mcp')).addMcp,
  },
  {
    commands: [
      [
        'completion <shell>',
        'a script that completes commands, options and their values, for bash, zsh or fish',
      ],
    ],
    load: () => (require('./commands/completion') as typeof import('./commands/completion')).addCompletion,
  },
  {
    commands: [['status', 'how the latest session stands, and what to do next; needs no worker']],
    load: () => (require('./commands/status') as typeof import('./commands/status')).addStatus,
  },
  {
    commands: [['watch', 'follow the session that is open, live; starts nothing']],
    load: () => (require('./commands/watch') as typeof import('./commands/watch')).addWatch,
  },
  {
    commands: [['show <task>', 'the story of a task: tries, turns, cost, what it changed, where it landed']],
    load: () => (require('./commands/show') as typeof import('./commands/show')).addShow,
  },
  {
    commands: [['events', 'what happened in a session, the latest unless told otherwise']],
    load: () => (require('./commands/events') as typeof import('./commands/events')).addEvents,
  },
  {
    commands: [['transcript <task>', 'what an agent did, turn by turn, and what it cost']],
    load: () => (require('./commands/transcript') as typeof import('./commands/transcript')).addTranscript,
  },
  {
    commands: [
      ['resolution <epic>', "how an agent settled an epic's merge: what differs from what git made of it"],
    ],
    load: () => (require('./commands/resolution') as typeof import('./commands/resolution')).addResolution,
  },
  {
    commands: [['costs', 'tokens and USD by session, epic, task, try and model']],
    load: () => (require('./commands/costs') as typeof import('./commands/costs')).addCosts,
  },
  {
    commands: [
      [
        'report',
        'one HTML page about a session, the latest unless told otherwise: timeline, graph, costs, failures',
      ],
    ],
    load: () => (require('./commands/report') as typeof import('./commands/report')).addReport,
  },
  {
    commands: [
      ['up', 'start PostgreSQL, Temporal and a worker in the background, as far as they are ours'],
      ['down', 'stop what was started in the background; an open session goes on at the next start'],
      ['doctor', 'check what YokeFlow needs; starts nothing'],
    ],
    load: () => (require('./commands/services') as typeof import('./commands/services')).addServices,
  },
  {
    commands: [['worker', 'run a worker in this terminal, beside the one in the background if there is one']],
    load: () => (require('./commands/worker') as typeof import('./commands/worker')).addWorker,
  },
  {
    commands: [['temporal [args...]', 'the Temporal CLI, with the address of the server in use']],
    load: () => (require('./commands/temporal') as typeof import('./commands/temporal')).addTemporal,
  },
];
