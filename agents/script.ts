import type { Agent } from './contract/agent';
import { outputWithFile } from './process/long-output';
import { failureOf, runScript } from './process/shell';

/** The task's `action` is a shell script: mechanical work, demos, tests. Costs nothing. */
export const createScriptAgent = (redact: (text: string) => string): Agent => ({
  name: 'script',
  resumes: false,
  async run({ action, onActivity, ...request }) {
    if (!action.trim()) {
      const reason = 'the task has no script to run: give it an action';
      return { kind: 'failed', reason, output: '' };
    }
    onActivity('running its script');
    const result = await runScript({ ...request, script: action, onLine: onActivity });
    const reason = failureOf('the script', result, { timeoutMs: request.timeoutMs, redact });
    const output = await outputWithFile(result, request.keepOutput);
    return reason ? { kind: 'failed', reason, output } : { kind: 'done', output };
  },
});
