import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { built } from '../../services/built';
import { whyTemporalUnusable } from '../../services/temporal/reachable';
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

test('a Temporal on this machine is asked past the proxy, one elsewhere by way of it', async () => {
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    const { address, namespace } = testTemporal();
    expect(await whyTemporalUnusable({ address }, namespace)).toBeNull();
    expect(asked).toEqual([]);
    await whyTemporalUnusable({ address: 'temporal.example:7233' }, namespace, 5_000);
    expect(new Set(asked)).toEqual(new Set(['temporal.example:7233']));
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  }
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
