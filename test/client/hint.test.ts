import { commandLine } from '../../client/hint';

it.each([
  [{}, 'yokeflow merge 2 --project demo'],
  [{ npm_lifecycle_event: 'yokeflow' }, 'npm run -s yokeflow -- merge 2 --project demo'],
  [{ npm_lifecycle_event: 'demo' }, 'npm run -s yokeflow -- merge 2 --project demo'],
  [{ npm_lifecycle_event: 'test' }, 'yokeflow merge 2 --project demo'],
])('commands are shown as the person can type them: %j', (env, line) => {
  expect(commandLine(env, ['merge', 2, '--project', 'demo'])).toBe(line);
});

it('quotes what a shell would take apart', () => {
  expect(commandLine({}, ['plan', 'import', "it's a plan.yaml"])).toBe(
    `yokeflow plan import 'it'\\''s a plan.yaml'`,
  );
});
