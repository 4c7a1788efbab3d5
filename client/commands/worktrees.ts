import type { Command } from 'commander';
import { createGh } from '../../hosting/gh';
import { readSettings } from '../../services';
import {
  addAction,
  addCommand,
  JSON_OPTION,
  PROJECT_OPTION,
  type Cli,
  type ReadingOptions,
} from '../cli/command';
import { withProject } from '../cli/with-project';
import { EXIT, type ExitCode } from '../cli/exit';
import { numberOf } from '../cli/numbers';
import { cleanText, recoveryText, worktreesText } from '../worktrees/worktrees-text';
import { takeOverRepository } from '../worktrees/claim';
import { cleanWorktrees } from '../worktrees/clean';
import { surveyWorktrees } from '../worktrees/survey';
import { recoverWorktrees } from '../worktrees/recover';

interface RecoverOptions extends ReadingOptions {
  takeOver?: boolean;
}

interface CleanOptions extends ReadingOptions {
  dryRun?: boolean;
  force?: boolean;
}

export function addWorktrees(program: Command, cli: Cli): void {
  const worktrees = addCommand(program, cli, {
    usage: 'worktrees',
    summary: 'look after the worktrees of a project',
    example: 'worktrees list --project my-app',
  });
  addAction(worktrees, cli, list, {
    usage: 'list',
    summary: 'the worktrees, what is on disk and what is not committed',
    example: 'worktrees list --project my-app',
    options: [PROJECT_OPTION, JSON_OPTION],
  });
  addAction(worktrees, cli, recover, {
    usage: 'recover',
    summary: 'put right what a crash left: half-made worktrees, missing folders, finished leftovers',
    example: 'worktrees recover --project my-app',
    options: [
      PROJECT_OPTION,
      ['--take-over', 'first take the repository over from another database, whose sessions stop there'],
      JSON_OPTION,
    ],
  });
  addAction(worktrees, cli, clean, {
    usage: 'clean [epic...]',
    summary: 'remove worktrees that hold nothing unmerged, of these epics or of all',
    example: 'worktrees clean --project my-app --dry-run',
    options: [
      PROJECT_OPTION,
      ['--dry-run', 'only say what would happen'],
      ['--force', 'also with unmerged or uncommitted work, which is kept under refs/yokeflow/wip'],
      JSON_OPTION,
    ],
  });
}

async function list(cli: Cli, options: ReadingOptions): Promise<ExitCode> {
  return withProject(cli, options, async (db, project) => {
    const entries = await surveyWorktrees(db, project);
    cli.context.print(options.json ? JSON.stringify(entries, null, 2) : worktreesText(entries));
    return EXIT.ok;
  });
}

async function recover(cli: Cli, options: RecoverOptions): Promise<ExitCode> {
  return withProject(cli, options, async (db, project) => {
    const { context } = cli;
    const gh = createGh(context.env);
    const [recovery, interrupted] = await context.interruptible(async (signal) => {
      const { home } = readSettings(context.env);
      if (options.takeOver) await takeOverRepository(db, project, { home, signal, tell: context.note });
      return [await recoverWorktrees(db, project, { gh, signal }), signal.aborted] as const;
    });
    context.print(options.json ? JSON.stringify(recovery) : recoveryText(recovery));
    return interrupted || recovery.problems.length > 0 ? EXIT.incomplete : EXIT.ok;
  });
}

async function clean(cli: Cli, epics: string[], options: CleanOptions): Promise<ExitCode> {
  const numbers = epics.map((epic) => numberOf('epic', epic));
  return withProject(cli, options, async (db, project) => {
    const { dryRun = false, force = false } = options;
    const { context } = cli;
    const [cleaned, interrupted] = await context.interruptible(async (signal) => {
      const request = { epics: numbers, dryRun, force, signal };
      return [await cleanWorktrees(db, project, request), signal.aborted] as const;
    });
    context.print(options.json ? JSON.stringify(cleaned) : cleanText(cleaned, dryRun));
    return interrupted ? EXIT.incomplete : EXIT.ok;
  });
}
