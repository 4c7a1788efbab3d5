/** What `gh` and a push need of the worker's environment: where programs and logins are, and the way out. */
const PASSED =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TMPDIR|TEMP|TMP|SystemRoot|USERPROFILE|APPDATA|LOCALAPPDATA|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)|(https?|all|no)_proxy|GH_CONFIG_DIR|(GH|GITHUB)_(ENTERPRISE_)?TOKEN)$/i;

/** No agent, and no command of a project, ever gets this: it holds the login. */
export function hostingEnvironment(from: NodeJS.ProcessEnv): Record<string, string> {
  const passed = Object.entries(from).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && PASSED.test(entry[0]),
  );
  return Object.fromEntries(passed);
}
