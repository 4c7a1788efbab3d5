import { commandLine, hintFor, pasteable } from '../../../client/text/hint';

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

it.each([
  ['see yokeflow plan show', 'see npm run -s yokeflow -- plan show'],
  [
    'run `yokeflow down`, then `yokeflow up`',
    'run `npm run -s yokeflow -- down`, then `npm run -s yokeflow -- up`',
  ],
  ['npm run -s yokeflow -- plan show', 'npm run -s yokeflow -- plan show'],
  ['yokeflow-demo, yokeflow: yokeflow running', 'yokeflow-demo, yokeflow: yokeflow running'],
])('commands in the texts of other layers become pasteable: %s', (text, pasted) => {
  expect(pasteable(text, hintFor({ npm_lifecycle_event: 'yokeflow' }))).toBe(pasted);
  expect(pasteable(text, hintFor({}))).toBe(text);
});
