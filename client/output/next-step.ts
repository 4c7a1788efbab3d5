/** Something that a person has to settle, and the commands that do it. */
export interface NextStep {
  problem: string;
  commands: string[];
}
