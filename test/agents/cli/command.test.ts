import { createCommandAgent, requireCommand } from '../../../agents/cli/command';
import type { AgentRequest } from '../../../agents/contract/agent';
import { recordedRequest } from './fake-cli';

const place = { directory: '/', environment: { PATH: process.env.PATH! } };

function start(command: string, changes: Partial<AgentRequest> = {}, options = {}) {
  const recording = recordedRequest(place, changes);
  return { ...recording, outcome: createCommandAgent({ command, ...options }).run(recording.request) };
}

test('the prompt is on its standard input, the model in its environment', async () => {
  const { outcome, lines } = start('cat; echo "with $YOKEFLOW_MODEL"');
  expect(await outcome).toEqual({ kind: 'done', output: 'SYSTEM\n\nTASK\nwith claude-sonnet-5-5\n' });
  expect(lines).toContain('running its command');
});

test('pipes, quotes and variables are the shell’s', async () => {
  expect(await start(`printf '%s' "a b" | tr a-z A-Z`).outcome).toEqual({ kind: 'done', output: 'A B' });
});

test('another exit code than 0 is a failure, with its last line', async () => {
  expect(await start('echo "cannot do it" >&2; exit 3').outcome).toMatchObject({
    kind: 'failed',
    reason: 'the command ended with exit code 3: cannot do it',
  });
});

test.each([
  ['You exceeded your quota', 300_000, 300_000],
  // Whatever the time of day: within the next one.
  ['Limit reached, try again at 4:05 AM', 1, 86_400_000],
])('exit code 75 is no failure of the work: %s', async (said, least, most) => {
  const outcome = await start(`echo "${said}"; exit 75`).outcome;
  const reason = `the command ended with exit code 75: ${said}`;
  expect(outcome).toEqual({ kind: 'held', why: 'limit', reason, forMs: expect.any(Number) });
  const { forMs } = outcome as { forMs: number };
  expect(forMs).toBeGreaterThanOrEqual(least);
  expect(forMs).toBeLessThanOrEqual(most);
});

test('a limit of unknown end is asked about again ever later, since people are told of each pause', async () => {
  const { request } = start('true');
  const waits: unknown[] = [];
  for (let times = 0; times < 6; times++) {
    const outcome = await createCommandAgent({ command: 'echo busy; exit 75' }).run(request);
    waits.push((outcome as { forMs: number }).forMs / 60_000);
  }
  expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
});

test('its cost is on record as unknown before it starts', async () => {
  const { outcome, entries } = start('kill -9 $$');
  expect(await outcome).toMatchObject({ kind: 'failed' });
  expect(entries).toMatchObject([
    { kind: 'prompt', payload: 'SYSTEM\n\nTASK\n' },
    { kind: 'note', usage: {}, costNano: null },
  ]);
});

test('its own environment reaches it, and what the redactor knows stays there', async () => {
  const options = {
    environment: { SOME_KEY: 'planted-secret' },
    redact: (text: string) => text.replaceAll('planted-secret', '[redacted]'),
  };
  const { outcome, lines, entries } = start('echo "key: $SOME_KEY"; exit 1', {}, options);
  const all = JSON.stringify([await outcome, lines, entries]);
  expect(all).toContain('key: [redacted]');
  expect(all).not.toContain('planted-secret');
});

test('no command: one line that says how to set it', () => {
  expect(() => requireCommand({ YOKEFLOW_AGENT_COMMAND: ' ' })).toThrow(
    /set YOKEFLOW_AGENT_COMMAND to one.*--agent/,
  );
  expect(requireCommand({ YOKEFLOW_AGENT_COMMAND: 'opencode run' })).toBe('opencode run');
});
