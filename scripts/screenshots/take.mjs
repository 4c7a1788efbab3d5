// Makes the pictures in docs/images from a real run, with a mocked model:
//
//   npm install --no-save playwright-core    # and tmux and chromium from the system's packages
//   npm run -s build && node scripts/screenshots/take.mjs
//
// CHROMIUM is the browser, if it is not /usr/bin/chromium. PICTURES_FOLDER is where the repository is made, which the pictures
// show, such as /home/ada; it must not exist yet, and is removed afterwards.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startModel } from './model.mjs';
import { terminalPage } from './terminal-page.mjs';

const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '../..');
const images = path.join(root, 'docs/images');
const { chromium } = createRequire(import.meta.url)('playwright-core');

const SIZE = { width: 1280, height: 900 };
const HALF_WAY_S = 28;
/** The Web UI asks the worker, which may have other work: in milliseconds. */
const LONGEST_WAIT = 60_000;
const BROWSER_FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];

const folder = await makeFolder(process.env.PICTURES_FOLDER);
const model = await startModel();
const environment = {
  ...process.env,
  CI: '',
  LANG: 'C.UTF-8',
  YOKEFLOW_HOME: path.join(folder, 'home'),
  ANTHROPIC_API_KEY: 'sk-ant-mock',
  ANTHROPIC_BASE_URL: model.url,
};
const yokeflow = async (...args) =>
  (
    await run(process.execPath, [path.join(root, 'dist/client/main.js'), ...args], {
      env: environment,
      cwd: root,
    })
  ).stdout;
const tmux = (...args) => run('tmux', ['-L', `pictures-${process.pid}`, ...args], { env: environment });

async function makeFolder(wanted) {
  if (!wanted) return mkdtemp(path.join(tmpdir(), 'yokeflow-pictures-'));
  await mkdir(wanted);
  return wanted;
}

async function makeRepository() {
  const repository = path.join(folder, 'shop');
  await cp(path.join(root, 'examples/demo-service'), repository, { recursive: true });
  const git = (...args) => run('git', ['-C', repository, ...args]);
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.name', 'Ada');
  await git('config', 'user.email', 'ada@example.com');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'A web service that says hello');
  return repository;
}

async function picture(
  browser,
  name,
  where,
  { scheme = 'light', size = SIZE, settle = 500, answer = '', whole = '', click = '' } = {},
) {
  const page = await browser.newPage({ viewport: size, colorScheme: scheme });
  const answered =
    answer && page.waitForResponse((one) => one.url().includes(answer), { timeout: LONGEST_WAIT });
  await (where.startsWith('<') ? page.setContent(where) : page.goto(where));
  await answered;
  await page.waitForTimeout(settle);
  if (click) {
    await page.getByText(click).first().click();
    await page.waitForTimeout(settle);
  }
  const target = whole ? page.locator(whole).first() : page;
  await target.screenshot({ path: path.join(images, `${name}.png`) });
  await page.close();
}

const status = async () => JSON.parse(await yokeflow('status', '--project', 'shop', '--json'));

async function ended() {
  for (;;) {
    const { session } = await status();
    if (session?.endedAt) return;
    await sleep(2_000);
  }
}

async function take(browser) {
  await yokeflow('plan', 'import', path.join(here, 'plan.yaml'), '--repo', await makeRepository());
  await yokeflow('up');
  const size = ['-x', '96', '-y', '32'];
  const command = `${process.execPath} ${path.join(root, 'dist/client/main.js')} run --project shop --parallel`;
  await tmux('-u', 'new-session', '-d', ...size, `${command}; sleep 60`);
  await sleep(HALF_WAY_S * 1_000);
  const { stdout: screen } = await tmux('capture-pane', '-e', '-p');
  await picture(browser, 'watch', terminalPage(screen.trimEnd()), { whole: 'pre' });
  const { link } = await status();
  const high = { ...SIZE, height: 1_100 };
  await picture(browser, 'web-ui-details', `${link}/user-metadata`, {
    ...{ answer: '__temporal_workflow_metadata', settle: 5_000, size: high },
  });
  await ended();
  await picture(browser, 'web-ui-timeline', link, {
    ...{ answer: 'history', settle: 5_000, size: high, click: 'Descending' },
  });
  const report = path.join(folder, 'report.html');
  await yokeflow('report', '--project', 'shop', '--output', report);
  const tall = { ...SIZE, height: 1_500 };
  await picture(browser, 'report-light', `file://${report}`, { size: tall });
  await picture(browser, 'report-dark', `file://${report}`, { size: tall, scheme: 'dark' });
}

const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
try {
  await take(browser);
} finally {
  await browser.close();
  await tmux('kill-server').catch(() => undefined);
  await yokeflow('down').catch(() => undefined);
  await model.stop();
  await rm(folder, { recursive: true, force: true });
}
