import type { AgentOutcome } from '../contract/agent';
import { headAndTail } from '../process/output-tail';
import { isSilent, textOf, type Turn } from './conversation';
import { nextTurn } from './next-turn';
import { answerCalls } from './tool-calls';
import type { Try } from './try';

/** Responses cut off in a row, after which going on would only cost money. */
const MAX_CUT_OFF = 3;
/** Turns that ended without a word, in a row. After the first one the model is asked whether it is done. */
const MAX_SILENT = 2;

/** Goes on with the conversation, from wherever it stands, until the try has ended. */
export async function converse(scope: Try): Promise<AgentOutcome> {
  const { turns } = scope.conversation;
  for (;;) {
    const last = turns.at(-1);
    const ending = last && endingOf(last, turns, scope.settings.maxTurns);
    if (ending) return ending;
    if (last) await answerCalls(scope, last);
    scope.signal.throwIfAborted();
    const next = await nextTurn(scope);
    if ('kind' in next) return next.kind === 'failed' ? failed(next.reason, turns.at(-1)) : next;
  }
}

/** How the try ended with this response; undefined when it goes on. */
function endingOf(turn: Turn, turns: Turn[], maxTurns: number): AgentOutcome | undefined {
  switch (turn.stop_reason) {
    case 'end_turn':
    case 'stop_sequence':
      if (!isSilent(turn)) return { kind: 'done', output: outputOf(turn) };
      if (inARow(turns, isSilent) < MAX_SILENT) return limited(turns, maxTurns);
      return failed(
        'the model ended its turn without a word, also when it was asked whether it is done',
        turn,
      );
    case 'refusal':
      return failed(`the model refused to do the task${turn.refusal ? `: ${turn.refusal}` : ''}`, turn);
    case 'model_context_window_exceeded':
      return failed('the conversation has become longer than the model can read', turn);
    case 'max_tokens':
      if (inARow(turns, isCutOff) < MAX_CUT_OFF) return limited(turns, maxTurns);
      return failed(
        `the model's answers were cut off ${MAX_CUT_OFF} times in a row at the output limit`,
        turn,
      );
    case 'tool_use':
    case 'pause_turn':
      return limited(turns, maxTurns);
    case 'compaction':
    case null:
    default:
      return failed(`the model stopped for a reason that is not known here: ${turn.stop_reason}`, turn);
  }
}

const limited = (turns: Turn[], maxTurns: number) =>
  turns.length < maxTurns
    ? undefined
    : failed(`the agent did not finish within ${maxTurns} turns`, turns.at(-1));

const isCutOff = ({ stop_reason }: Turn) => stop_reason === 'max_tokens';

const inARow = (turns: Turn[], is: (turn: Turn) => boolean) =>
  turns.length - 1 - turns.findLastIndex((turn) => !is(turn));

const failed = (reason: string, turn: Turn | undefined): AgentOutcome => ({
  kind: 'failed',
  reason,
  output: turn ? outputOf(turn) : '',
});

const outputOf = (turn: Turn): string => headAndTail(textOf(turn));
