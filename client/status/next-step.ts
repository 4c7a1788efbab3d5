/** Something that a person has to settle, and the commands that do it. */
export interface NextStep {
  problem: string;
  /** What a command printed that failed: its last lines. */
  output?: string[];
  commands: string[];
}
