import { translate } from '../../../activities/scope/failure';
import { createRedactor } from '../../../agents/contract/redact';

const redact = createRedactor(['planted-secret-1']);

test('an error that nobody expected keeps its kind, and loses secrets in message and stack', () => {
  const error = new TypeError('cannot read planted-secret-1');
  expect(error.stack).toContain('planted-secret-1');
  const told = translate(error, redact) as Error;
  expect(told).toBe(error);
  expect([told.message, told.stack]).toEqual([
    'cannot read [redacted]',
    expect.stringMatching(/^TypeError: cannot read \[redacted\]\n {4}at /),
  ]);
});

test('one of a known type crosses as that type', () => {
  const error = Object.assign(new Error('git says planted-secret-1'), { name: 'GitError' });
  expect(translate(error, redact)).toMatchObject({ type: 'GitFailed', message: 'git says [redacted]' });
});
