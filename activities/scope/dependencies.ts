import type { AgentRegistry } from '../../agents/registry';
import type { Gh } from '../../hosting/gh';
import type { Database } from '../../db/connection/connection';

/** What the activities need from outside; the worker puts it together, tests pass their own. */
export interface ActivityDependencies {
  db: Database;
  agents: AgentRegistry;
  /** Where agents' programs are looked up; only a few harmless variables of it reach an agent. */
  environment: NodeJS.ProcessEnv;
  /** The folder for outputs that are too long for a prompt or the database. */
  outputs: string;
  /** Opens pull requests. It has the login for that, which no agent ever gets. */
  gh: Gh;
  /** Takes secrets out of whatever is recorded or shown. */
  redact: (text: string) => string;
}
