/** JSON in which what `storableText` replaces is replaced too, keys included. `\\\\` is matched to skip escaped backslashes. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value).replace(/\\\\|\\u(?:0000|d[89a-f][0-9a-f]{2})/g, (escape) =>
    escape === '\\\\' ? escape : '\\ufffd',
  );
}
