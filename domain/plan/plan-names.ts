const PROJECT_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

/** What is wrong with the name of a project and how to put it right, or null. It becomes part of workflow ids. */
export function projectNameProblem(name: string): string | null {
  if (PROJECT_NAME.test(name)) return null;
  return (
    'must be 1 to 63 letters, digits, dots, hyphens or underscores and start with a letter or digit ' +
    `(it is used in workflow ids); rename the project, for example "${suggestion(name)}"`
  );
}

function suggestion(name: string): string {
  const cleaned = name
    .replace(/[^a-z0-9._-]+/gi, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/gi, '')
    .slice(0, 63);
  return cleaned === '' ? 'my-app' : cleaned;
}
