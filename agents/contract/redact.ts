import { redactWrapped } from './redact-wrapped';

const GONE = '[redacted]';

/** Shorter ones would be found in ordinary words. */
const SHORTEST = 8;

/** Tokens that are known by their shape, whoever they belong to. The first group, where there is one, is kept. */
const TOKEN_SHAPES: readonly RegExp[] = [
  /sk-(?:ant|proj|svcacct)-[A-Za-z0-9_-]{16,}/g,
  /\bsk-[A-Za-z0-9]{32,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{30,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{30,}/g,
  /\bglpat-[A-Za-z0-9_-]{20,}/g,
  /\bnpm_[A-Za-z0-9]{36}/g,
  /\bpypi-AgE[A-Za-z0-9_-]{50,}/g,
  /\bhf_[A-Za-z0-9]{30,}/g,
  /\b[sr]k_live_[A-Za-z0-9]{20,}/g,
  /\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g,
  // A JSON Web Token: of its three parts the first two are JSON objects. Not \b: every hyphen would begin another search.
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{16,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'`]*:)[^\s/@"'`]+(?=@)/gi,
];

/**
 * Takes secrets out of a text: the given values, also as base64 (at any offset in what was encoded), hex or
 * URL-encoded, and everything of a known shape. The given values also where line breaks divide them. A secret that is
 * cut in two by the end of the text is not found.
 * Values shorter than 8 characters are left alone.
 */
export function createRedactor(
  secrets: readonly string[],
  shapes: readonly RegExp[] = TOKEN_SHAPES,
): (text: string) => string {
  const forms = new Set(secrets.filter(({ length }) => length >= SHORTEST).flatMap(formsOf));
  // A secret may be part of another: the longer one goes first, so that nothing of it stays.
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const known = longestFirst.length ? new RegExp(longestFirst.map(escape).join('|'), 'g') : null;
  return (text) =>
    shapes.reduce(
      (redacted, shape) =>
        redacted.replace(shape, (_match, kept: unknown) => (typeof kept === 'string' ? kept : '') + GONE),
      known ? redactWrapped(text.replace(known, GONE), known, GONE) : text,
    );
}

/** The same for every text inside of a value of JSON, keys included. */
export function redactValue(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), redactValue(item, redact)]),
  );
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const quoted = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    quoted,
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll('%20', '+'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64Forms(bytes),
  ];
}

/**
 * The part of the base64 text that depends on the secret alone, for each of the three positions at which it may
 * start in a group of three bytes.
 */
function base64Forms(secret: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), secret])
      .toString('base64')
      .replace(/=+$/, '');
    const whole = Math.floor(((offset + secret.length) * 8) / 6);
    const inner = encoded.slice(Math.ceil((offset * 8) / 6), whole);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
