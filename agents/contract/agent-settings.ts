/** What agents are made with. */
export interface AgentSettings {
  /** The worker's own environment: keys are read from it, and never passed on. */
  environment: NodeJS.ProcessEnv;
  /** Where the CLIs keep their conversations. */
  stateDirectory: string;
  redact: (text: string) => string;
  /** Takes out of text what no model may see: what is known to be secret, not what only looks like it. */
  withhold?: (text: string) => string;
}
