import type { Attempt } from '../../db/task/attempts';
import { modelAlias } from '../../domain/cost/models';
import { title } from '../text/plan-names';
import { purposeOf } from '../text/purpose';
import { cost, duration, firstLine } from '../text/units';
import type { ReportFacts } from './facts';

/** `T4 Login form: complete in 12 s, claude sonnet, try 2, 0.42 USD` */
export function attemptAbout(attempt: Attempt, { plan, now }: Pick<ReportFacts, 'plan' | 'now'>): string {
  const { task, epic, status, agent, model, number, costUsd, costUnknown, reason } = attempt;
  const tasks = plan.epics.find((one) => one.number === epic)?.tasks;
  const name = title(tasks?.find((one) => one.number === task)?.description ?? '');
  const ended = attempt.endedAt === null ? now : Date.parse(attempt.endedAt);
  const facts = [
    `${status} ${status === 'running' ? 'for' : 'in'} ${duration(ended - Date.parse(attempt.startedAt))}`,
    [agent, model && modelAlias(model)].filter(Boolean).join(' '),
    ...(number > 1 ? [`try ${number}`] : []),
    ...purposeOf(attempt),
    ...(costUsd > 0 || costUnknown ? [cost(costUsd, costUnknown)] : []),
  ];
  const why = reason && status !== 'complete' ? `: ${firstLine(reason)}` : '';
  return `T${task} ${name}: ${facts.join(', ')}${why}`;
}
