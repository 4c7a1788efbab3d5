import { runProcess } from '../../../git/process/process';

const options = { cwd: '/', env: { PATH: process.env.PATH! }, encoding: 'utf8' as const };

test.each([
  ['has ended itself', '(setsid sleep 9 &); echo done'],
  ['is ended then', '(setsid sleep 9 &); sleep 9'],
])('what a command leaves running holds nobody up when its time is over: it %s', async (_, script) => {
  const begun = Date.now();
  const output = await runProcess('/bin/sh', ['-c', script], { ...options, timeLimitMs: 300 });
  expect(output.ended).toBe('timeout');
  expect(Date.now() - begun).toBeLessThan(7_000);
});
