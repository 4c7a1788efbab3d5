import { createRedactor } from '../../../agents/contract/redact';
import { failureOf } from '../../../agents/process/shell';

const secret = 'planted-secret-0123456789abcdef';
const reasonFor = (output: string) =>
  failureOf(
    'verify',
    { exitCode: 1, endedBy: 'exit', output },
    { timeoutMs: 1000, redact: createRedactor([secret]) },
  );

test('a reason holds no part of a secret, wherever it is cut and however the secret was wrapped', () => {
  for (let before = 165; before <= 201; before++) {
    expect(reasonFor(`${'y'.repeat(before)}${secret}\n`)).not.toMatch(/y[planted-]+$/);
  }
  const wrapped = Buffer.from(`x${secret}`).toString('base64').replace(/.{20}/g, '$&\n');
  expect(wrapped.trim().split('\n').length).toBeGreaterThan(2);
  const last = wrapped.trim().split('\n').at(-1)!;
  expect(reasonFor(wrapped)).not.toContain(last.slice(0, 6));
});
