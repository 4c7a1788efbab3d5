import { secretsIn, withoutSecrets } from '../../worker/secrets';

test('what is secret by its name, and nothing else', () => {
  const environment = { PATH: '/bin', GH_TOKEN: 'ghp_1', EMPTY_KEY: '', NOTIFY_WEBHOOK: 'https://x/y' };
  expect(secretsIn(environment)).toEqual(['ghp_1', 'https://x/y']);
  expect(withoutSecrets(environment)).toEqual({ PATH: '/bin', EMPTY_KEY: '' });
});

test.each([
  ['plain', 'plain'],
  ['a%2Fb', 'a/b'],
  // pg takes these as they are, so the worker has to as well.
  ['100%', '100%'],
  ['p%ss^', 'p%ss^'],
  ['%ff%ff%ff', '%ff%ff%ff'],
])('of the password %s in a URL, the form that %s is', (written, meant) => {
  const url = `postgresql://me:${written}@localhost/app`;
  expect(secretsIn({ DATABASE_URL: url })).toEqual([url, new URL(url).password, meant]);
});
