import { requireFit } from '../../../activities/scope/answer-size';

test('an answer that Temporal would not take is refused for good, and says how large it is', async () => {
  expect(() => requireFit('openSession', { lanes: ['x'.repeat(1_900_000)] })).not.toThrow();
  expect(() => requireFit('cleanupWorktree', undefined)).not.toThrow();
  const large = () => requireFit('openSession', { lanes: ['\u00e9'.repeat(1_200_000)] });
  expect(large).toThrow(/^the answer of openSession has 2.4 MB/);
  await expect(async () => large()).rejects.toMatchObject({ type: 'InvalidInput', nonRetryable: true });
});
