import { hostedRepository } from '../../hosting/hosted-repository';

test.each([
  ['git@github.com:owner/app.git', 'github.com/owner/app'],
  ['github.com:owner/app', 'github.com/owner/app'],
  ['ssh://git@github.com:22/owner/app.git', 'github.com/owner/app'],
  ['https://github.com/owner/my.app', 'github.com/owner/my.app'],
  ['https://user@ghe.example.com/owner/app.git/', 'ghe.example.com/owner/app'],
  ['/srv/git/owner/app.git', undefined],
  ['C:/git/owner/app.git', undefined],
  ['file:///srv/git/owner/app.git', undefined],
  ['https://gitlab.example.com/group/sub/app.git', undefined],
  ['ext::sh -c evil/app', undefined],
  ['git@github.com:owner/--web', 'github.com/owner/--web'],
])('%s is %s', (url, name) => {
  expect(hostedRepository(url)?.name).toBe(name);
});
