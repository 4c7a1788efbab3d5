import { waitingSteps } from '../../../client/status/waiting-steps';

const away = { tries: 5, reason: 'the repository cannot be used: mount it', type: 'RepositoryAway' };

test('what waits for the repository is told, and what goes on by now is not', () => {
  const retries = [
    { ...away, what: 'T1', running: false },
    { ...away, what: 'T2', running: true },
  ];
  expect(waitingSteps(retries)).toEqual([{ problem: `T1 waits: ${away.reason}`, commands: [] }]);
});
