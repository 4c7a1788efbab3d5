/** @type {import('jest').Config} Records histories for the replay tests: `npm run record:histories`. */
module.exports = { ...require('./jest.config.cjs'), testMatch: ['**/*.record.ts'] };
