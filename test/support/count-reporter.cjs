/** Ends the output with one plain line, which programs can read: `12 passed, 0 failed`. */
module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    // A file that cannot even be loaded has no tests to count, and is a failure all the same.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // After the other reporters' summaries, some of which come late.
    process.once('exit', () => process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`));
  }
};
