import { priceOf } from '../../domain/cost/pricing';
import { AgentError } from '../contract/agent-error';
import type { CliRun, Listener, RunEnd } from '../cli/agent';
import { recordBrokenAnswer } from '../cli/broken-answers';
import { noAnswer } from '../cli/no-answer';
import { reasonIn } from '../cli/reason';
import { USUAL_SILENCE, watchSilence } from '../cli/silence';
import { unfinished, WORDLESS } from '../cli/unfinished';
import { eventIn, type CodexEvent, type Item, type ThreadUsage } from './events';
import type { CodexOptions } from './options';
import { countedBefore, tokensOf, usageSince } from './usage';
import { BROKEN_STREAMS, troubleOf } from './verdict';

/** Items that are no tool calls: what the model thinks, and the CLI's own warnings. */
const NOTES = new Set(['reasoning', 'error', 'todo_list']);

/** Follows one run of the CLI and puts it on record: every item as it completes, the cost when it is told. */
export function listen(
  { price = priceOf, silence: limits = USUAL_SILENCE }: Pick<CodexOptions, 'price' | 'silence'>,
  { request, log }: CliRun,
): Listener {
  const stop = new AbortController();
  let end: RunEnd | AgentError | null = null;
  /** What the model said after the last of its tools: of one that refuses there is nothing. */
  let output = '';
  const silence = watchSilence((ms) => {
    end ??= noAnswer('Codex', ms);
    stop.abort();
  });
  // Items are numbered anew in each run.
  log.nextTurn();

  async function take(event: CodexEvent): Promise<void> {
    switch (event.type) {
      case 'thread.started':
        return log.recordSession(event.thread_id);
      case 'item.started':
        return begin(event.item);
      case 'item.completed':
        return complete(event.item);
      case 'turn.completed':
        end = output.trim() ? { kind: 'done', output } : unfinished('Codex', WORDLESS);
        return charge(event.usage);
      case 'turn.failed':
        return fail(event.error.message);
      case 'error':
        return endUselessRetries(event.message);
    }
  }

  async function fail(message: string): Promise<void> {
    end ??= troubleOf(message);
    const reason = await recordBrokenAnswer(log, message, BROKEN_STREAMS);
    if (reason) end = { kind: 'held', why: 'account', reason };
  }

  const showLine = (line: string) => {
    if (line) request.onActivity(line);
  };

  async function begin(item: Item): Promise<void> {
    showLine(lineOf(item));
    if (item.type === 'agent_message') return;
    if (!NOTES.has(item.type)) output = '';
    await record(item, 'begin');
  }

  async function complete(item: Item): Promise<void> {
    if (item.type !== 'agent_message') return record(item, NOTES.has(item.type) ? 'note' : 'result');
    output = item.text ?? '';
    showLine(lineOf(item));
    log.nextTurn();
    return log.record({ kind: 'response', payload: item });
  }

  const record = (item: Item, kind: 'begin' | 'result' | 'note') =>
    log.record({ kind, toolUseId: item.id, payload: item });

  /** Codex tells no dollars, and tells usage only at the end of a run. */
  async function charge(usage: ThreadUsage): Promise<void> {
    const counts = usageSince(countedBefore(log), usage);
    await log.record({
      kind: 'note',
      toolUseId: `usage-${log.entries.length}`,
      payload: { thread: log.session(), threadUsage: usage, outcome: end },
      usage: { ...counts },
      costNano: request.model === null ? null : price(request.model, tokensOf(counts)),
    });
  }

  /** It reconnects five times whatever the API says, a refused key included. */
  function endUselessRetries(message: string): void {
    const trouble = troubleOf(message);
    const waiting = !(trouble instanceof AgentError) && trouble.kind === 'held';
    if (waiting || (trouble instanceof AgentError && trouble.type !== 'ProviderUnavailable')) {
      end ??= trouble;
      stop.abort();
    } else showLine(reasonIn(message));
  }

  return {
    signal: stop.signal,
    end: () => end,
    async hear(line: string): Promise<void> {
      if (stop.signal.aborted) return;
      const event = eventIn(line);
      if (event) await take(event);
      // After an error it asks again, and waits for as long as the API says, were it hours.
      silence.heard(end ? limits.afterEnd : event?.type === 'error' ? limits.inWork : null);
    },
    close: () => silence.stop(),
  };
}

function lineOf({ type, text, command }: Item): string {
  if (type === 'agent_message') return text?.trim().split('\n')[0] ?? '';
  return command ? `$ ${command.split('\n')[0]}` : '';
}
