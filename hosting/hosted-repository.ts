/** A repository on a hosting service, as `gh --repo` takes it. */
export interface HostedRepository {
  host: string;
  /** `host/owner/name` */
  name: string;
}

const URL_SHAPE = /^(?:https?|ssh|git\+ssh):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+)$/i;
/** `git@github.com:owner/name.git` */
const SCP_SHAPE = /^(?:[^@/:]+@)?([^/:@]{2,}):(?!\/\/)\/?(.+)$/;

/** Null for a remote that is on no hosting service: a folder, say. */
export function hostedRepository(url: string): HostedRepository | null {
  const [, host, path] = URL_SHAPE.exec(url) ?? SCP_SHAPE.exec(url) ?? [];
  const parts =
    path
      ?.replace(/\/+$/, '')
      .replace(/\.git$/, '')
      .split('/') ?? [];
  if (!host || parts.length !== 2 || parts.some((part) => !/^[\w.-]+$/.test(part))) return null;
  return { host, name: [host, ...parts].join('/') };
}
