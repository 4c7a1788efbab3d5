const SECRET = /KEY|TOKEN|SECRET|PASSWORD|DATABASE_URL|CREDENTIAL/i;

/** The environment without what agents must never see, so that no later mistake can pass it on. */
export function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !SECRET.test(name)));
}
