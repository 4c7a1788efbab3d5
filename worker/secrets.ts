/** Variables that hold a secret, by their name. */
const SECRET = /KEY|TOKEN|SECRET|PASSWORD|DATABASE_URL|CREDENTIAL|WEBHOOK/i;

const isSecret = ([name, value]: [string, string | undefined]): boolean =>
  SECRET.test(name) && Boolean(value);

/** The environment without what agents must never see, so that no later mistake can pass it on. */
export function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter((entry) => !isSecret(entry)));
}

/** The values to take out of everything that is recorded: whole variables, and the password within a URL. */
export function secretsIn(environment: NodeJS.ProcessEnv): string[] {
  return Object.entries(environment)
    .filter(isSecret)
    .flatMap(([, value]) => {
      const password = URL.canParse(value!) ? new URL(value!).password : '';
      return password ? [value!, password, decoded(password)] : [value!];
    });
}

/** As `pg` reads it: a percent sign that begins no code stands for itself. */
function decoded(password: string): string {
  try {
    return decodeURIComponent(password.replace(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return password;
  }
}
