import { resetTimeIn } from '../../../agents/provider/reset-time';

const NOW = Date.parse('2026-11-28T19:40:30Z');
const at = (said: string) => {
  const time = resetTimeIn(said, NOW);
  return time === undefined ? undefined : new Date(time).toISOString().slice(0, 16);
};

test.each([
  ["You've hit your session limit · resets 10pm (UTC)", '2026-11-28T22:00'],
  ["You've hit your limit · resets 3am (Europe/Berlin)", '2026-11-29T02:00'],
  ["You've hit your limit · resets 2pm (America/New_York)", '2026-11-29T19:00'],
  ["You've hit your weekly limit · resets Dec 1 at 3pm (UTC)", '2026-12-01T15:00'],
  ["You've hit your weekly limit · resets Dec 1, 3:30pm (Asia/Calcutta)", '2026-12-01T10:00'],
  ["You've hit your weekly limit · resets Jan 2, 2027, 2am (UTC)", '2027-01-02T02:00'],
  ['Claude usage limit reached. Your limit will reset at 12am (UTC).', '2026-11-29T00:00'],
  // The day on which the clocks change: 12am is still in the summer's time.
  ['resets Oct 25, 2027, 12am (Europe/Berlin)', '2027-10-24T22:00'],
])('%s: %s', (said, expected) => {
  expect(at(said)).toBe(expected);
});

test.each([
  [
    "You've hit your usage limit. Visit a page to purchase more credits or try again at 11:28 PM.",
    [28, 23, 28],
  ],
  ["You've hit your usage limit. Try again at 1:05 AM.", [29, 1, 5]],
  ["You've hit your usage limit. Try again at Nov 30th, 2026 10:03 PM.", [30, 22, 3]],
] as const)('without a zone it is that of this machine: %s', (said, [day, hour, minute]) => {
  const now = new Date(2026, 10, 28, 20, 0).getTime();
  expect(resetTimeIn(said, now)).toBe(new Date(2026, 10, day, hour, minute).getTime());
});

test.each([
  'You hit your spend cap set in your workspace.',
  "You've hit your usage limit. Try again later.",
  "You've hit your limit · resets Nov 1 at 3pm (UTC)",
  'resets soon',
  // Over since a moment: not in a day from now.
  "You've hit your limit · resets 7:40pm (UTC)",
  "You've hit your limit · resets 7:15pm (UTC)",
])('no time to come: %s', (said) => {
  expect(at(said)).toBeUndefined();
});
