import { spawn } from 'node:child_process';
import { join } from 'node:path';

const dist = (file: string) => JSON.stringify(join(__dirname, '../../../dist/client', file));

/** Draws as in a terminal, which makes a library listen for signals too, and detaches slowly. */
const PROGRAM = `
  process.stdout.isTTY = process.stderr.isTTY = true;
  const { terminalScreen } = require(${dist('watch/terminal-screen')});
  const { interruptible } = require(${dist('cli/interruptible')});
  setInterval(() => undefined, 1000);
  interruptible(async (signal) => {
    terminalScreen(process.stdout, false).draw('drawn');
    process.stdout.write('watching');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    process.stdout.write('detaching');
    await new Promise((resolve) => setTimeout(resolve, process.argv[1] === 'slow' ? 60_000 : 50));
  }).then(() => {
    process.stdout.write('The session goes on.');
    process.exit(130);
  });
`;

function watcher(pace: string) {
  const child = spawn(process.execPath, ['-e', PROGRAM, pace], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const heard = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => output.includes(text) && resolve();
      child.stdout.on('data', look);
      look();
    });
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (code, signal) => resolve([code, signal])),
  );
  return { child, heard, ended, output: () => output };
}

test('Ctrl-C in a live view detaches, says so and exits with 130; the second one ends the process', async () => {
  const patient = watcher('quick');
  await patient.heard('watching');
  patient.child.kill('SIGINT');
  expect(await patient.ended).toEqual([130, null]);
  expect(patient.output()).toContain('The session goes on.');

  const slow = watcher('slow');
  await slow.heard('watching');
  slow.child.kill('SIGINT');
  await slow.heard('detaching');
  slow.child.kill('SIGINT');
  expect(await slow.ended).toEqual([null, 'SIGINT']);
});
