import { execFileSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { built } from '../../services/built';
import { homePaths } from '../../services/home';
import { writeState } from '../../services/supervision/state';
import { removeHomes, withHome } from '../support/home';

afterAll(removeHomes);

/** As a user who may not look into it: root may read whatever the mode says. */
const AS_ANOTHER = `
  const { stopServices, peekServices, serviceStatus } = require(${JSON.stringify(built('services/index'))});
  if (process.getuid() === 0) process.setuid(65534);
  for (const ask of [() => stopServices({ env: process.env }), () => peekServices(process.env), () => serviceStatus(process.env)])
    ask().then((answer) => console.log(JSON.stringify(answer)), ({ message }) => console.log(message));
`;

test('of services in a home of another user nobody says that nothing runs', () =>
  withHome(async ({ env, home }) => {
    const { state } = homePaths(home);
    await chmod(home, 0o711);
    await writeState(state, {} as never);
    await chmod(state, 0o000);
    const said = execFileSync(process.execPath, ['-e', AS_ANOTHER], { env }).toString();
    await chmod(state, 0o600);
    const refusal = `${state} is another user's, so nobody can say whether services run there: use or stop them as that user, or set YOKEFLOW_HOME to a folder of yours\n`;
    expect(said).toBe(refusal.repeat(3));
  }));
