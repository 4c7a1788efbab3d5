import { runCommand } from '../command';
import { ServicesError } from '../errors';

/** The operating system account that PostgreSQL runs as. */
export interface Account {
  uid: number;
  gid: number;
}

async function lookUp(name: string): Promise<Account | null> {
  const [user, group] = await Promise.all([runCommand('id', ['-u', name]), runCommand('id', ['-g', name])]);
  if (user.code !== 0 || group.code !== 0) return null;
  return { uid: Number(user.stdout), gid: Number(group.stdout) };
}

/** Whatever `useradd` answers, the look-up after it decides: another process may have been first. */
async function create(): Promise<Account | null> {
  await runCommand('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
  return lookUp('postgres');
}

/**
 * PostgreSQL refuses to run as root. So root runs it as the `postgres` account, created when the
 * machine has none, and as `nobody` where accounts cannot be created. Null for everybody else.
 */
export async function postgresAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const account =
    (await lookUp('postgres')) ?? (await lookUp('_postgres')) ?? (await create()) ?? (await lookUp('nobody'));
  if (account) return account;
  throw new ServicesError(
    'PostgreSQL does not run as root, and there is no other account',
    'create a user named postgres, or set DATABASE_URL',
  );
}
