import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { bash, turns, withClaude } from './claude-run';

/** Passes connections on, as a company's proxy does, and remembers where they went. */
async function startProxy() {
  const asked: string[] = [];
  const server = createServer().on('connect', ({ url = '' }, client) => {
    asked.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined).on('close', () => (client.destroy(), upstream.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

test('the API is asked by way of the proxy that the environment names, and what it streams comes through', async () => {
  const proxy = await startProxy();
  process.env.HTTP_PROXY = proxy.url;
  try {
    await withClaude(
      { script: turns({ tools: [bash('echo 1')] }, { text: 'Done.' }) },
      async ({ run, mock }) => {
        expect(await run()).toEqual({ kind: 'done', output: 'Done.' });
        expect(mock.journal).toHaveLength(2);
        expect(new Set(proxy.asked)).toEqual(new Set([new URL(mock.baseUrl).host]));
      },
    );
  } finally {
    delete process.env.HTTP_PROXY;
    proxy.close();
  }
});
