import { laneEnvironment, laneSlug } from '../../domain/lane-environment';

it.each([
  ['my-app', 42, 'my_app_epic42'],
  ['x'.repeat(32), 2147483647, `${'x'.repeat(32)}_epic2147483647`],
  ['shop', null, 'shop_sequential'],
])('%s, epic %s: %s', (project, epic, slug) => {
  expect(laneSlug({ project, epic })).toBe(slug);
  expect(slug.length).toBeLessThanOrEqual(48);
});

it('no two projects have the same, whatever tells their names apart', () => {
  const long = 'acme-internal-platform-services-for-';
  const projects = ['my-app', 'my_app', 'my.app', 'My-App', 'my--app', `${long}billing`, `${long}accounts`];
  const slugs = projects.map((project) => laneSlug({ project, epic: 2147483647 }));
  expect(new Set(slugs).size).toBe(projects.length);
  for (const slug of slugs) expect(slug).toMatch(/^[a-z0-9_]{1,48}$/);
});

it('a lane without a port of its own is not told one', () => {
  const lane = { project: 'shop', epic: 2, port: null, directory: '/r/.worktrees/epic-2-x' };
  expect(laneEnvironment(lane)).toEqual({
    YOKEFLOW: '1',
    YOKEFLOW_PROJECT: 'shop',
    YOKEFLOW_EPIC: '2',
    YOKEFLOW_WORKTREE: '/r/.worktrees/epic-2-x',
    YOKEFLOW_SLUG: 'shop_epic2',
  });
  expect(laneEnvironment({ ...lane, port: 20010 })).toMatchObject({ YOKEFLOW_PORT: '20010' });
});
