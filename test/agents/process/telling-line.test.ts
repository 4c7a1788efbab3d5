import { tellingLine } from '../../../agents/process/telling-line';
import { cpuMs } from '../../support/cpu-time';

const LOG = 'npm error A complete log of this run can be found in: /root/.npm/_logs/2026-debug-0.log\n';

test.each([
  ['nothing', '', ''],
  ['its last line', 'one\ntwo\n\n', 'two'],
  ['a line in colours', '\u001b[31mFAIL\u001b[39m a.test.js\n\u001b[0m\n', 'FAIL a.test.js'],
  [
    'a script that throws',
    "/a.js:1\nthrow new Error('boom')\n^\n\nError: boom\n    at Object.<anonymous> (/a.js:1:7)\n" +
      '    at node:internal/main/run_main_module:28:49\n\nNode.js v20.20.2\n',
    'Error: boom',
  ],
  [
    'an error of Node with what it knows of it',
    "node:fs:573\n  return binding.open(\n                 ^\n\nError: ENOENT: no such file or directory, open 'x'\n" +
      "    at Object.openSync (node:fs:573:18)\n    at main (/a.js:1:7) {\n  errno: -2,\n  code: 'ENOENT',\n" +
      '  details: [ { a: 1 } ]\n}\n\nNode.js v20.20.2\n',
    "Error: ENOENT: no such file or directory, open 'x'",
  ],
  [
    'Gemini CLI at a usage limit',
    'Error when talking to Gemini API Full report available at: /tmp/report.json TerminalQuotaError: You have ' +
      'exhausted your daily quota on this model.\n    at async main (file:///gemini.js:17627:5) {\n  cause: {\n' +
      '    code: 429\n  },\n  status: 429\n}\nAn unexpected critical error occurred:[object Object]\n',
    'Error when talking to Gemini API Full report available at: /tmp/report.json TerminalQuotaError: You have exhausted your daily quota on this model.',
  ],
  [
    'npm, whose help comes last',
    'npm error code EUSAGE\nnpm error\nnpm error The `npm ci` command can only install with an existing package-lock.json or\n' +
      'npm error npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or\nnpm error\n' +
      'npm error Clean install a project\nnpm error\nnpm error Usage:\nnpm error npm ci\n' +
      `npm error aliases: clean-install, ic\nnpm error\nnpm error Run "npm help ci" for more info\n${LOG}`,
    'The `npm ci` command can only install with an existing package-lock.json or npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or',
  ],
  [
    'npm, whose own words say nothing of the script',
    `Error: boom\n    at main (/a.js:1:7)\n\nNode.js v20.20.2\nnpm error code 1\nnpm error path /x\nnpm error command failed\n${LOG}`,
    'Error: boom',
  ],
  [
    'npm that does not find a package',
    'npm error code E404\nnpm error 404 Not Found - GET https://registry.test/nope - Not found\nnpm error 404\n' +
      `npm error 404  'nope@*' is not in this registry.\n${LOG}`,
    '404 Not Found - GET https://registry.test/nope - Not found 404',
  ],
  [
    'pip',
    'ERROR: No matching distribution found for nope\n\n[notice] A new release of pip is available: 23 -> 24\n[notice] To update, run: pip install --upgrade pip\n',
    'ERROR: No matching distribution found for nope',
  ],
  ['nothing but where a log is', LOG, ''],
])('%s', (_, output, line) => {
  expect(tellingLine(output)).toBe(line);
});

test('a long output takes no time', () => {
  const started = cpuMs();
  expect(tellingLine(`${'npm error '.repeat(400_000)}\nthe end`)).toBe('the end');
  expect(cpuMs() - started).toBeLessThan(500);
});
