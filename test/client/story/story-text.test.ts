import { storyText } from '../../../client/story/story-text';
import type { AttemptStory, TaskStory } from '../../../client/story/task-story';
import { hintFor } from '../../../client/text/hint';

function tried(number: number, status: string, outputTail: string): AttemptStory {
  const times = { startedAt: '2026-01-02T14:00:00Z', endedAt: '2026-01-02T14:00:01Z' };
  const attempt = { number, status, outputTail, ...times, agent: 'script', model: null, sessionId: 3 };
  const reason = status === 'failed' ? 'the script ended with exit code 1: boom' : null;
  return {
    attempt: { ...attempt, reason, costUsd: 0, costUnknown: false },
    ...{ turns: 0, modelReason: null, workRef: null, commits: [] },
  } as unknown as AttemptStory;
}

it('shows the end of what a failed try printed', () => {
  const task = { number: 7, description: 'Log in', epic: 2, status: 'complete', costUsd: 0 };
  const attempts = [
    tried(1, 'failed', 'one\n\nboom\n'),
    tried(2, 'failed', 'boom\n'),
    tried(3, 'complete', 'a\nb'),
  ];
  const story = { task, epicName: 'Users', attempts, costUnknown: false } as unknown as TaskStory;
  expect(storyText(story, { project: 'shop', hint: hintFor({}) })).toMatchInlineSnapshot(`
   "T7 Log in: complete
   Epic 2 Users
   Try 1  failed after 1.0 s, by script, session 3: the script ended with exit code 1: boom
          | one
          | boom
   Try 2  failed after 1.0 s, by script, session 3: the script ended with exit code 1: boom
   Try 3  complete after 1.0 s, by script, session 3
   Turn by turn: yokeflow transcript 7 --project shop"
  `);
});

it('says of a try at the merge that the task only pays for it', () => {
  const task = { number: 7, description: 'Log in', epic: 2, status: 'complete', costUsd: 0 };
  const merge = tried(2, 'complete', '');
  const attempts = [{ ...merge, attempt: { ...merge.attempt, purpose: 'merge' } }];
  const story = { task, epicName: 'Users', attempts, costUnknown: false } as unknown as TaskStory;
  expect(storyText(story, { project: 'shop', hint: hintFor({}) })).toContain(
    "Try 2  complete after 1.0 s, by script, session 3, to settle its epic's merge\n",
  );
});
