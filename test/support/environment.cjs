const { TestEnvironment } = require('jest-environment-node');

/** With an end that comes after all of a file's `afterAll`: jest calls those of set-up files first. */
module.exports = class extends TestEnvironment {
  async teardown() {
    this.global.atTheEnd?.();
    await super.teardown();
  }
};
