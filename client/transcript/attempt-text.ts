import type { Attempt } from '../../db/task/attempts';
import { excerpt } from './excerpt';
import { indented } from './call-line';
import { harmless } from '../text/harmless';
import { purposeOf } from '../text/purpose';
import { cost, duration, shortCommit } from '../text/units';

/** `try 2 of 2 by claude, claude-sonnet-5-5, in session 7` */
export function attemptHeading(attempt: Attempt, attempts: number): string {
  const { number, agent, model, sessionId } = attempt;
  const by = [agent, model].filter(Boolean).join(', ');
  const facts = [`by ${harmless(by)}`, `in session ${sessionId}`, ...purposeOf(attempt)];
  return `try ${number} of ${attempts} ${facts.join(', ')}`;
}

const REASON_LINES = 6;

/** How the attempt ended, or that it has not. */
export function attemptEnd(attempt: Attempt, full: boolean): string {
  const { number, status, startedAt, endedAt, costUsd, costUnknown, commit, reason } = attempt;
  const took = endedAt === null ? '' : ` after ${duration(Date.parse(endedAt) - Date.parse(startedAt))}`;
  const spent = costUsd > 0 || costUnknown ? `, ${cost(costUsd, costUnknown)}` : '';
  const result = commit ? `, commit ${shortCommit(commit)}` : '';
  const told = harmless(reason?.trim() ?? '');
  const why = told ? `: ${full ? told : excerpt(told, REASON_LINES)}` : '';
  return `Try ${number}: ${status}${took}${spent}${result}${why}`;
}

const OUTPUT_LINES = 20;

/**
 * The end of what the agent printed, or of what made the attempt fail. Null where it only repeats what the model
 * said last.
 */
export function attemptOutput({ agent, status, outputTail }: Attempt, full: boolean): string | null {
  const printed = agent === 'script' || agent === 'command' || status === 'failed';
  if (!printed || !outputTail?.trim()) return null;
  const text = harmless(outputTail.trimEnd());
  return `Output\n${indented(full ? text : excerpt(text, OUTPUT_LINES), '  ')}`;
}
