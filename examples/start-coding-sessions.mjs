// Runs a plan from a program: node examples/start-coding-sessions.mjs PLAN.yaml PATH-OF-THE-REPOSITORY
// In a package of your own that depends on YokeFlow the import is the same.
import { startCodingSessions, withYokeflow } from 'yokeflow';

const [planFile, repository] = process.argv.slice(2);
if (!planFile || !repository) {
  console.error('give a plan file and the path of a git repository');
  process.exit(2);
}

try {
  const { projectId } = await withYokeflow({ onNotice: console.error }, (yokeflow) =>
    yokeflow.importPlan(planFile, { repository }),
  );

  const { status, result, message } = await startCodingSessions({
    projectId,
    codingModel: 'sonnet',
    parallel: true,
    maxConcurrency: 4,
    mergeStrategy: 'regular',
    onProgress(event) {
      if (event.task !== null) console.log(`${event.type} T${event.task}`);
    },
    onNotice: console.error,
  });

  console.log(`${status}: ${result?.tasks.complete ?? 0} tasks complete, ${result?.costUsd ?? 0} USD`);
  if (message) console.error(message);
  process.exitCode = status === 'complete' ? 0 : 1;
} catch (error) {
  // What a person has to change is one line; anything else deserves its stack.
  console.error(error.name === 'UsageError' ? error.message : error);
  process.exitCode = 2;
}
