import { laneEnvironment, laneSlug } from '../../domain/lane-environment';

it.each([
  ['my-app', 42, 'my_app_epic42'],
  ['My.App_2', 1, 'my_app_2_epic1'],
  ['x'.repeat(63), 2147483647, `${'x'.repeat(32)}_epic2147483647`],
  ['shop', null, 'shop_sequential'],
])('%s, epic %s: %s', (project, epic, slug) => {
  expect(laneSlug({ project, epic })).toBe(slug);
  expect(slug.length).toBeLessThanOrEqual(48);
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
