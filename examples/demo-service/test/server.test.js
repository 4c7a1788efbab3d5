const assert = require('node:assert');
const test = require('node:test');
const { createServer } = require('../server');

test('says hello', async () => {
  const server = createServer().listen(0);
  try {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
    assert.strictEqual(await answer.text(), 'hello\n');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
