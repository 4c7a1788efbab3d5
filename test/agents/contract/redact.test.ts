import fc from 'fast-check';
import { createRedactor, redactValue } from '../../../agents/contract/redact';
import { cpuMs } from '../../support/cpu-time';

const KEY = 'sk-planted/key+with=odd ch&rs';

describe('a known secret', () => {
  const redact = createRedactor([KEY]);

  test.each([
    ['as it is', `key=${KEY};`, 'key=[redacted];'],
    ['URL-encoded', `?k=${encodeURIComponent(KEY)}&b=1`, '?k=[redacted]&b=1'],
    ['as a form', `k=${encodeURIComponent(KEY).replaceAll('%20', '+')}`, 'k=[redacted]'],
    ['hexadecimal', Buffer.from(KEY).toString('hex'), '[redacted]'],
    ['more than once', `${KEY} and ${KEY}`, '[redacted] and [redacted]'],
  ])('%s', (_how, text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test.each([0, 1, 2, 3])('in base64, after %i other bytes', (before) => {
    const bytes = Buffer.from(`${'u'.repeat(before)}${KEY}:tail`);
    for (const encoding of ['base64', 'base64url'] as const) {
      const redacted = redact(`Authorization: Basic ${bytes.toString(encoding)}`);
      expect(redacted).toContain('[redacted]');
      expect(Buffer.from(redacted.split(' ').at(-1)!, encoding).toString('latin1')).not.toContain('planted');
    }
  });

  test('in JSON, with its quotes and newlines escaped', () => {
    const odd = 'quote" and\nnewline';
    expect(createRedactor([odd])(JSON.stringify({ odd }))).toBe('{"odd":"[redacted]"}');
  });
});

const part = (json: string) => Buffer.from(json).toString('base64url');

const shapes: [string, string][] = [
  ['Anthropic', `sk-ant-api03-${'aB3_-'.repeat(10)}`],
  ['OpenAI', `sk-proj-${'aB3_-'.repeat(10)}`],
  ['GitHub', `ghp_${'aB3'.repeat(12)}`],
  ['fine-grained GitHub', `github_pat_${'aB3_'.repeat(12)}`],
  ['GitLab', `glpat-${'aB3-'.repeat(5)}`],
  ['npm', `npm_${'aB3'.repeat(12)}`],
  ['PyPI', `pypi-AgEIcHlwaS5vcmc${'aB3_-'.repeat(20)}`],
  ['Hugging Face', `hf_${'aBc'.repeat(11)}d`],
  ['Stripe', `sk_live_${'aB3'.repeat(8)}`],
  ['restricted Stripe', `rk_live_${'aB3'.repeat(33)}`],
  ['Google', `AIza${'aB3_-'.repeat(7)}`],
  [
    'a JSON Web Token',
    `${part('{"alg":"HS256","typ":"JWT"}')}.${part('{"sub":"1","exp":2}')}.${'aB3_-'.repeat(9)}`,
  ],
  ['AWS', 'AKIAIOSFODNN7EXAMPLE'],
  ['Slack', 'xoxb-123456789012-abcdefABCDEF'],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIabc\ndef\n-----END RSA PRIVATE KEY-----'],
  ['a private key that is cut off', '-----BEGIN PRIVATE KEY-----\nMIIabc\ndef'],
];

describe('what has the shape of a secret, whoever it belongs to', () => {
  const redact = createRedactor([]);

  test.each(shapes)('%s', (_name, secret) => {
    expect(redact(`before ${secret}`)).toBe('before [redacted]');
  });

  test('the password in an address, and nothing else of it', () => {
    expect(redact('postgres://yoke:s3cr:et!@db.example:5432/app?x=1')).toBe(
      'postgres://yoke:[redacted]@db.example:5432/app?x=1',
    );
  });

  test.each([
    'https://example.com:8080/a@b',
    'git@github.com:a/b.git',
    'an skeleton-key, asking for AKIA',
    'the file xoxo-hugs.txt',
    '-----BEGIN CERTIFICATE-----',
    'commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904',
    'run 0b2c8e5e-9f0c-4f7a-8a51-6f1f3c1c9f7e',
    'hf_hub_download(repo_id, filename), sk_live_mode, npm_config_cache, pypi-publish',
    `sourceMappingURL=data:application/json;base64,${Buffer.from('{"version":3}').toString('base64')}`,
    `const [header] = ${part('{"alg":"none"}')}.split(".")`,
  ])('%j stays', (text) => {
    expect(redact(text)).toBe(text);
  });
});

test('what base64 makes of ordinary bytes stays', () => {
  const bytes = Buffer.alloc(1_000_000);
  for (let at = 0, seed = 1; at < bytes.length; at++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    bytes[at] = seed >>> 16;
  }
  const lines = bytes.toString('base64').replace(/.{76}/g, '$&\n');
  expect(createRedactor([])(lines)).toBe(lines);
});

test('a secret that is part of another leaves nothing of the longer one', () => {
  const redact = createRedactor(['secret-1', 'secret-1-and-more']);
  expect(redact('secret-1-and-more secret-1')).toBe('[redacted] [redacted]');
});

describe('a secret that goes on in the next line', () => {
  const redact = createRedactor([KEY]);
  const fold = (text: string, width: number, end = '\n') =>
    text.replace(new RegExp(`.{${width}}`, 'g'), `$&${end}`);

  it.each([1, 7, 20, 76])('folded after %i characters, also as base64', (width) => {
    const encoded = Buffer.from(`ANTHROPIC_API_KEY=${KEY} and so on`).toString('base64');
    for (const end of ['\n', '\r\n']) {
      expect(redact(`a\nb ${fold(KEY, width, end)}\nc`)).toMatch(/^a\nb \[redacted\]\r?\n+c$/);
      const left = redact(fold(encoded, width, end)).replace(/\s/g, '');
      expect(left).toContain('[redacted]');
      const [before = '', after = ''] = left.split('[redacted]');
      expect(before.length + after.length).toBeLessThan(encoded.length - KEY.length);
    }
  });

  it('lines without one stay as they are', () => {
    const text = `sk-ant\n\nfirst\r\nsecond ${KEY.slice(0, 12)}\nx`;
    expect(redact(text)).toBe(text);
  });
});

test('empty and short values would take half of every text away', () => {
  expect(createRedactor(['', 'a', 'root'])('a root')).toBe('a root');
});

test('whole values: every text in it, keys too, nothing else', () => {
  const redact = createRedactor(['planted-secret']);
  const value = { 'planted-secret': [1, null, true, { deep: 'the planted-secret!' }] };
  expect(redactValue(value, redact)).toEqual({ '[redacted]': [1, null, true, { deep: 'the [redacted]!' }] });
});

test('no secret is ever in what comes out', () => {
  const secret = fc
    .string({ minLength: 8, maxLength: 40, unit: 'grapheme' })
    .filter((text) => !/[[\]]|redac/.test(text));
  const around = fc.string({ maxLength: 30 });
  const forms = [
    (text: string) => text,
    encodeURIComponent,
    (text: string) => JSON.stringify(text).slice(1, -1),
    (text: string) => Buffer.from(text).toString('hex'),
  ];
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      fc.array(around),
      fc.nat(3),
      (secrets, parts, form) => {
        const planted = secrets.map(forms[form]!);
        const text = parts.map((part, index) => part + planted[index % planted.length]).join('');
        const redacted = createRedactor(secrets)(text);
        for (const each of planted) expect(redacted.includes(each)).toBe(false);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  'x/y:z@w -----BEGIN sk-a',
  'a.',
  'a://b:',
  'sk-ant-',
  'ghp_',
  'eyJ',
  'eyJa-',
  'eyJhbGciOiJIUzI1.',
])('a megabyte of %j takes no time worth speaking of', (part) => {
  const text = `${part.repeat(1_000_000 / part.length)} ${KEY}`;
  const began = cpuMs();
  expect(createRedactor([KEY])(text).endsWith('[redacted]')).toBe(true);
  expect(cpuMs() - began).toBeLessThan(1_000);
});
