/** PostgreSQL stores neither NUL nor half a surrogate pair; both occur in what programs print. */
export function storableText(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, '\ufffd');
}

/** JSON in which the same characters, keys included, are replaced. `\\\\` is matched to skip escaped backslashes. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value).replace(/\\\\|\\u(?:0000|d[89a-f][0-9a-f]{2})/g, (escape) =>
    escape === '\\\\' ? escape : '\\ufffd',
  );
}
