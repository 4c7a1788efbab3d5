import type { AgentOutcome, AgentRequest, TranscriptEntry } from '../contract/agent';
import { patiently } from '../contract/patience';
import { withLongTextsInFiles } from '../process/long-output';
import { redactValue } from '../contract/redact';

export type Settled = Extract<AgentOutcome, { kind: 'done' | 'failed' }>;

/** The transcript of a try that a CLI works on, with what a resumed run needs to know of it. */
export interface CliLog {
  readonly entries: readonly TranscriptEntry[];
  /** The conversation that goes on; null: a new one starts. */
  session(): string | null;
  /** The CLI does not know the conversation any more: it was on another machine, or its files are gone. */
  forgetSession(): void;
  /** The number of the turn that is under way; 0 before the first. */
  turn(): number;
  nextTurn(): number;
  /** Records an entry of the turn that is under way, unless it says another. */
  record(entry: Omit<TranscriptEntry, 'n'> & { n?: number }): Promise<void>;
  recordSession(id: string): Promise<void>;
}

export async function openLog(
  { transcript, keepOutput, signal }: Pick<AgentRequest, 'transcript' | 'keepOutput' | 'signal'>,
  redact: (text: string) => string,
): Promise<CliLog> {
  const entries = [...(await transcript.load())];
  let turn = entries.reduce((highest, { n }) => Math.max(highest, n), 0);
  let session = entries.reduce(
    (last: string | null, { kind, payload }) => (kind === 'session' ? (payload as { id: string }).id : last),
    null,
  );
  const record: CliLog['record'] = async ({ n = turn, ...entry }) => {
    const payload = await withLongTextsInFiles(redactValue(entry.payload, redact), keepOutput);
    const clean = { ...entry, n, payload };
    // Thrown, it would end the CLI in the middle of a model call.
    await patiently(() => transcript.record(clean), signal);
    entries.push(clean);
  };
  return {
    entries,
    session: () => session,
    forgetSession: () => void (session = null),
    turn: () => turn,
    nextTurn: () => ++turn,
    record,
    async recordSession(id) {
      if (id === session) return;
      await record({ kind: 'session', toolUseId: id, payload: { id } });
      session = id;
    },
  };
}

/** The model has answered, or a tool was at work. */
export const hasBegun = ({ entries }: Pick<CliLog, 'entries'>): boolean =>
  entries.some(({ kind }) => kind === 'response' || kind === 'begin');

/**
 * How the try ended, if an earlier worker heard it from the CLI and was interrupted after that. The outcome is in
 * the same entry as the cost of the run, so that neither is ever recorded without the other.
 */
export function settledOutcome({ entries }: Pick<CliLog, 'entries'>): Settled | null {
  const last = entries.at(-1);
  if (last?.kind !== 'note') return null;
  const { outcome } = (last.payload ?? {}) as { outcome?: AgentOutcome };
  return outcome?.kind === 'done' || outcome?.kind === 'failed' ? outcome : null;
}
