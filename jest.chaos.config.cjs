/** @type {import('jest').Config} The long form of the chaos suite: `npm run test:chaos`. */
module.exports = { ...require('./jest.config.cjs'), testMatch: ['**/*.chaos.ts'], maxWorkers: 1 };
