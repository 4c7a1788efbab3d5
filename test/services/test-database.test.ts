import { withConnection } from '../../services/postgres/connection';
import { testDatabase } from '../support/services';

const count = (url: string, name: string) =>
  withConnection(url, async (client) => {
    const found = await client.query('select 1 from pg_class where relname = $1', [name]);
    return found.rowCount;
  });

test('every test database is its own', async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
  await withConnection(one.url, (client) => client.query('create table only_here (id int)'));
  expect(await count(one.url, 'only_here')).toBe(1);
  expect(await count(other.url, 'only_here')).toBe(0);
  await Promise.all([one.drop(), other.drop()]);
  await expect(count(one.url, 'only_here')).rejects.toThrow('does not exist');
});
