const { availableParallelism } = require('node:os');

/** Packages that ship ES modules only: jest runs CommonJS, so these are transformed too. */
const esmOnly = [
  'any-ascii',
  'get-port',
  'node-pg-migrate',
  // What the live view draws with.
  'ansi-regex',
  'get-east-asian-width',
  'string-width',
  'strip-ansi',
];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  setupFilesAfterEnv: ['<rootDir>/test/support/spawned-git.ts'],
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '\\.[mc]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  reporters: ['default', '<rootDir>/test/support/count-reporter.cjs'],
  // What takes a second or ten here: a machine may be busy for much longer, and what hangs does so for ever.
  testTimeout: 120_000,
  // Tests wait for servers and processes for much of their time: as many as there are cores would leave a third of them idle.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
};
