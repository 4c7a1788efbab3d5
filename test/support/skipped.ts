/**
 * The title of tests that need something of the machine. Where that is missing it says why they are skipped; so does a line
 * on standard error, which shows in every report.
 *
 * @param missing What is missing, and how to get it; null where nothing is.
 */
export function titleOf(title: string, missing: string | null): string {
  if (missing === null) return title;
  const reason = `skipped: ${missing}`;
  process.stderr.write(`${title}: ${reason}\n`);
  return `${title} (${reason})`;
}
