import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { built } from '../../services/built';
import { testTemporal } from '../support/services';

/** Where a company's proxy, which refuses everything, was asked to go. */
let asked: string[];
let proxy: Server;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  asked = [];
  proxy = createServer().on('connect', ({ url = '' }, client) => {
    asked.push(url);
    client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  env = { http_proxy: url, https_proxy: url };
});
afterEach(() => proxy.close());

/** In a process of its own: the proxy is the environment's, and gRPC tells of each failure while it goes on trying. */
async function whyUnusable(address: string, namespace: string): Promise<unknown> {
  const reachable = JSON.stringify(built('services/temporal/reachable.js'));
  const ask = `require(${reachable}).whyTemporalUnusable({ address: '${address}' }, '${namespace}', 5_000)`;
  const script = `${ask}.then((why) => { console.log(JSON.stringify(why)); process.exit(); })`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env });
  return JSON.parse(stdout);
}

test('a Temporal on this machine is asked past the proxy, one elsewhere by way of it', async () => {
  const { address, namespace } = testTemporal();
  expect(await whyUnusable(address, namespace)).toBeNull();
  expect(asked).toEqual([]);
  expect(await whyUnusable('temporal.example:7233', namespace)).toBe('it does not answer');
  expect(new Set(asked)).toEqual(new Set(['temporal.example:7233']));
});

test.each([
  ['elsewhere is reached by way of the proxy', 'https://hooks.example/x', ['hooks.example:443']],
  ['of this machine past it', 'http://127.0.0.1:9/x', []],
])('a webhook %s', async (_, webhook, way) => {
  const run = promisify(execFile)(process.execPath, [built('client/main.js'), 'notify', 'test'], {
    env: { PATH: process.env.PATH, ...env, YOKEFLOW_NOTIFY_WEBHOOK: webhook },
  });
  await expect(run).rejects.toMatchObject({ code: 1 });
  expect(asked).toEqual(way);
});
