import { agentWords } from '../../../activities/task/task-agent';

test.each([
  [{ agent: null, model: null }, {}, 'claude'],
  [{ agent: null, model: null }, { model: 'opus' }, 'claude opus'],
  [{ agent: null, model: 'haiku' }, { agent: 'claude-code', model: 'opus' }, 'claude-code haiku'],
  [{ agent: 'script', model: null }, { agent: 'claude', model: 'opus' }, 'script'],
] as const)('%j of a session with %j', (task, options, words) => {
  expect(agentWords(task, options)).toBe(words);
});
