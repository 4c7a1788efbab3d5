/** Imports run in one direction: see "Layout" in docs/architecture.md. */
const only = (from, ...to) => ({
  name: `${from}-imports-only-${to.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^${from}/` },
  to: {
    path: '^(domain|processes|db|git|hosting|agents|services|notify|activities|workflows|worker|client|test|examples|bench)/',
    pathNot: `^(${[from, ...to].join('|')})/`,
  },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      // The rooms of a folder (git/refs, git/landing, ...) import one way too.
      name: 'no-cycles-between-folders',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    only('domain'),
    only('processes'),
    only('db', 'domain', 'processes'),
    only('git', 'domain', 'processes'),
    only('hosting', 'domain', 'db', 'git'),
    only('agents', 'domain', 'processes'),
    only('services', 'domain', 'processes'),
    only('notify', 'domain', 'db', 'processes'),
    only('activities', 'domain', 'processes', 'db', 'git', 'hosting', 'agents'),
    {
      ...only('workflows', 'domain'),
      to: { ...only('workflows', 'domain').to, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workflows-take-only-types-from-activities',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^(processes|db|git|hosting|agents|services|notify|worker|client)/' },
    },
    {
      name: 'client-takes-only-the-contract-from-workflows',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^workflows/', pathNot: '^workflows/messages\\.ts$' },
    },
    {
      name: 'client-takes-only-the-provider-and-processes-from-agents',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^agents/', pathNot: '^agents/(provider|process)/' },
    },
    only('worker', 'domain', 'db', 'git', 'hosting', 'agents', 'services', 'notify', 'activities'),
    only(
      'client',
      'domain',
      'processes',
      'db',
      'git',
      'hosting',
      'agents',
      'services',
      'notify',
      'workflows',
    ),
    only('bench', 'client', 'domain', 'db', 'git', 'services', 'workflows'),
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^domain/' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
