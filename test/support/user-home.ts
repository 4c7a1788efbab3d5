const { HOME, XDG_CONFIG_HOME } = process.env;

/** For `afterEach` of tests that give this process a home with settings of its own. */
export function restoreUserHome(): void {
  Object.assign(process.env, { HOME });
  if (XDG_CONFIG_HOME !== undefined) Object.assign(process.env, { XDG_CONFIG_HOME });
}
