import { existsSync } from 'node:fs';
import path from 'node:path';
import { CommandFailed } from '../cli/exit';

/** Where the demo's plan and service are: beside `client/` in the sources, beside `dist/` when built. */
export function demoFiles(): { plan: string; service: string } {
  const candidates = ['../../examples', '../../../examples'].map((up) => path.join(__dirname, up));
  const examples = candidates.find((candidate) => existsSync(path.join(candidate, 'demo-plan.yaml')));
  if (!examples) throw new CommandFailed('the folder "examples" is missing: get YokeFlow again, whole');
  return { plan: path.join(examples, 'demo-plan.yaml'), service: path.join(examples, 'demo-service') };
}
