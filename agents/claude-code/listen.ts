import { AgentError } from '../contract/agent-error';
import { patiently } from '../contract/patience';
import { heldFor, type CliRun, type Listener, type RunEnd } from '../cli/agent';
import { recordBrokenAnswer } from '../cli/broken-answers';
import { noAnswer } from '../cli/no-answer';
import { watchSilence, type SilenceLimits } from '../cli/silence';
import { CLI_WAITS_FOR_MS } from '../provider/usage-limits';
import { eventIn, type CliEvent, type UserEvent } from './events';
import { createRecorder, lineOf } from './recorder';
import { NO_ANSWERS, troubleOf, verdictOf, type Hints } from './verdict';

/** Follows one run of the CLI: puts it on record, and stops it where it would only waste time or money. */
export function listen({ request, log }: CliRun, limits: SilenceLimits): Listener {
  const recorder = createRecorder(log);
  /** Calls of tools without a result so far. */
  const open = new Set<string>();
  /** Calls of tools in a row whose input could not be read. */
  let garbled = 0;
  /** The last that it said is that the API does not answer. */
  let unanswered = false;
  const silence = watchSilence((ms) => stopWith(unanswered ? noAnswer('Claude Code', ms) : hangs(ms)));
  const stop = new AbortController();
  const hints: Hints = {};
  let end: RunEnd | AgentError | null = null;

  const stopWith = (reason: RunEnd | AgentError) => {
    end ??= reason;
    stop.abort();
  };

  async function take(event: CliEvent): Promise<void> {
    switch (event.type) {
      case 'assistant':
        if (event.error) hints.error = event.error;
        await recorder.response(event);
        for (const block of event.message.content) {
          if (block.type === 'tool_use' && block.id) open.add(block.id);
          showLine(lineOf(block));
        }
        return;
      case 'user':
        await recorder.toolResults(event);
        for (const { id, isGarbled } of resultsIn(event)) {
          open.delete(id);
          garbled = isGarbled ? garbled + 1 : 0;
        }
        if (garbled >= MOST_GARBLED) return stopWith(GARBLED);
        return endIfSpent();
      case 'result':
        end = verdictOf(event, hints);
        await recorder.result(event, end);
        return holdIfBroken(event.result);
      case 'rate_limit_event':
        if (event.rate_limit_info.status === 'rejected') hints.resetsAt = event.rate_limit_info.resetsAt;
        return;
      case 'system':
        return endUselessRetries(event.error_status ?? null, event.retry_delay_ms);
    }
  }

  const showLine = (line: string) => line && request.onActivity(line);

  /** Others may have spent the session's money meanwhile, of which the CLI knows nothing. */
  async function endIfSpent(): Promise<void> {
    const held = heldFor(await patiently(request.budget, request.signal), 1);
    if (held) stopWith(held);
  }

  async function holdIfBroken(said: string): Promise<void> {
    if (!(end instanceof AgentError) || end.type !== 'ProviderUnavailable') return;
    const reason = await recordBrokenAnswer(log, said, NO_ANSWERS);
    if (reason) end = { kind: 'held', why: 'account', reason };
  }

  /** It retries ten times whatever the API says, a refused key included. */
  function endUselessRetries(status: number | null, delayMs: number): void {
    if (status !== null && status >= 401 && status <= 404)
      stopWith(troubleOf(status, `API error ${status}`, hints));
    else if (delayMs > CLI_WAITS_FOR_MS)
      stopWith({ kind: 'held', why: 'limit', reason: 'the API asks to wait', forMs: Math.ceil(delayMs) });
    else showLine(`the API does not answer well (${status ?? 'no connection'}), trying again`);
  }

  const mayBeSilentFor = () => (end ? limits.afterEnd : open.size > 0 ? null : limits.inWork);

  silence.heard(limits.inWork);
  return {
    signal: stop.signal,
    end: () => end,
    async hear(line: string): Promise<void> {
      if (stop.signal.aborted) return;
      const event = eventIn(line);
      if (event) await take(event);
      unanswered = event?.type === 'system';
      // Each of its own tries may wait for ten minutes, and there are eleven.
      if (!unanswered) silence.heard(mayBeSilentFor());
    },
    close: () => silence.stop(),
  };
}

const hangs = (ms: number): RunEnd => ({
  kind: 'died',
  reason: `Claude Code hung: it said nothing for ${Math.round(ms / 60_000)} minutes`,
  output: '',
});

/** The CLI lets the model try again, and again, and each answer costs what the whole conversation does. */
const MOST_GARBLED = 10;

const GARBLED: RunEnd = {
  kind: 'failed',
  reason: `Claude Code: the model wrote calls of tools that cannot be read ${MOST_GARBLED} times in a row`,
  output: '',
};

/** No JSON, or not what the tool takes. */
const UNREADABLE = /^<tool_use_error>InputValidationError/;

const resultsIn = ({ message: { content } }: UserEvent): { id: string; isGarbled: boolean }[] =>
  typeof content === 'string'
    ? []
    : content.flatMap(({ tool_use_id: id, content: said }) =>
        id ? [{ id, isGarbled: typeof said === 'string' && UNREADABLE.test(said) }] : [],
      );
