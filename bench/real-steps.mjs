import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);
const { createActivities } = require('../dist/activities');
const { createRedactor } = require('../dist/agents/contract/redact');
const { createAgents } = require('../dist/agents/registry');
const { openDatabase } = require('../dist/db/connection/connection');
const { migrate } = require('../dist/db/connection/migrate');
const { importInto } = require('../dist/client/plan/import-plan');
const { createGh } = require('../dist/hosting/gh');
const execute = promisify(execFile);

async function newRepository(folder) {
  const repository = path.join(folder, 'repo');
  await mkdir(repository);
  const git = (...args) => execute('git', ['-C', repository, ...args]);
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.name', 'Bench');
  await git('config', 'user.email', 'bench@example.com');
  await writeFile(path.join(repository, 'a.txt'), '1\n');
  await git('add', '--all');
  await git('commit', '--quiet', '-m', 'start');
  return repository;
}

function withScripts(project, plan) {
  const epics = new Map();
  for (const { id, epic, priority, dependsOn } of plan) {
    const tasks = epics.get(epic) ?? [];
    epics.set(epic, tasks);
    tasks.push({
      id,
      description: `Task ${id} does nothing`,
      action: 'true',
      priority,
      agent: 'script',
      dependsOn: dependsOn.map((task) => ({ task, type: 'hard' })),
    });
  }
  return { project, epics: [...epics].map(([id, tasks]) => ({ id, name: `Part ${id}`, tasks })) };
}

/** The worker's own activities, on a repository and a database of their own. */
export async function realSteps({ services, folder, plan, project }) {
  await migrate(services.databaseUrl);
  const db = openDatabase(services.databaseUrl, { max: 10 });
  await importInto(db, withScripts(project, plan), { repository: await newRepository(folder) });
  const environment = process.env;
  const redact = createRedactor([]);
  const agents = createAgents({ environment, redact });
  const outputs = path.join(folder, 'outputs');
  return {
    activities: createActivities({ db, agents, environment, gh: createGh(environment), redact, outputs }),
    close: () => db.close(),
  };
}
