import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const WORKFLOWS = path.join(__dirname, '../../workflows/index.ts');

const PRELOADED = path.join(__dirname, '../../domain/session/run-input.ts');

/** Bundles the workflows from their sources as the build does, once for the whole run. */
export async function bundleForTests(): Promise<{ file: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-test-bundle-'));
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    preloadModules: [PRELOADED],
    logger: new DefaultLogger('WARN'),
  });
  const file = path.join(directory, 'workflow-bundle.js');
  await writeFile(file, code);
  return { file, remove: () => rm(directory, { recursive: true, force: true }) };
}
