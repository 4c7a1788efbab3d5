import type { Argument, Option } from 'commander';
import { MODEL_ALIASES } from '../../domain/cost/models';
import {
  AGENTS,
  DEPENDENCY_TYPES,
  MERGE_STRATEGIES,
  ON_CONFLICT,
  ON_FAILURE,
  SCHEDULING_MODES,
} from '../../domain/model';
import { GRAPH_FORMATS } from '../plan/stored-graph';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What may follow an option, or be an argument. Neither: anything, which nobody can guess. */
export interface Values {
  choices: readonly string[];
  files: boolean;
}

/** By an option's name, or an argument's. */
const CHOICES: Record<string, readonly string[]> = {
  agent: AGENTS,
  'dependency-type': DEPENDENCY_TYPES,
  format: GRAPH_FORMATS,
  'merge-strategy': MERGE_STRATEGIES,
  model: [...Object.keys(MODEL_ALIASES), 'auto'],
  'on-conflict': ON_CONFLICT,
  'on-failure': ON_FAILURE,
  scheduling: SCHEDULING_MODES,
  shell: SHELLS,
};

/** Of one command alone: there is no task yet that `auto` would go by. */
const CHOICES_OF: Record<string, readonly string[]> = { 'plan generate model': Object.keys(MODEL_ALIASES) };

/** What the help calls a file or a folder. */
const FILES = ['file', 'specification', 'path', 'dir'];

export const valuesOfOption = (option: Option, command = ''): Values => ({
  choices: CHOICES_OF[`${command} ${option.name()}`] ?? CHOICES[option.name()] ?? [],
  files: FILES.includes(/<(\w+)>/.exec(option.flags)?.[1] ?? ''),
});

export const valuesOfArgument = (argument: Argument): Values => ({
  choices: CHOICES[argument.name()] ?? [],
  files: FILES.includes(argument.name()),
});
