import path from 'node:path';

/** Variables that name a file or a folder, which services or their worker look for. */
const PATHS =
  /^(TEMPORAL_CONFIG_FILE|TEMPORAL_TLS_\w+_PATH|YOKEFLOW_BIN_DIR|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|GH_CONFIG_DIR)$/;

/** What runs in the background has a working directory of its own, where a relative path means nothing. */
export function withAbsolutePaths(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(env).map(([name, value]) => [
    name,
    value && PATHS.test(name) ? path.resolve(value) : value,
  ]);
  return Object.fromEntries(entries) as NodeJS.ProcessEnv;
}

/** The same for the certificates that a database's URL names. */
export const withAbsoluteCertificates = (url: string): string =>
  url.replace(
    /([?&]ssl(?:rootcert|cert|key)=)([^&]+)/g,
    (_, name: string, file: string) => name + encodeURIComponent(path.resolve(asRead(file))),
  );

/** As `pg` reads it. */
const asRead = (value: string): string => new URLSearchParams(`file=${value}`).get('file')!;
