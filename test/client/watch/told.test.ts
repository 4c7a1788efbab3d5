import { hintFor } from '../../../client/text/hint';
import { createTold } from '../../../client/watch/told';

test('notices say when, and old ones leave the room to others', () => {
  const told = createTold(
    () => ({ project: 'shop', task: String, epic: String, knows: () => true }),
    hintFor({ npm_lifecycle_event: 'yokeflow' }),
  );
  for (const line of ['one', 'two', 'three', 'look why: yokeflow doctor']) told.note(line);
  expect(told.notices.map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, 'time '))).toEqual([
    ...['time two', 'time three', 'time look why: npm run -s yokeflow -- doctor'],
  ]);
});
