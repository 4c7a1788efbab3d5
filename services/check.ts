/** What `doctor` found out about one thing. */
export interface Check {
  name: string;
  /** `warn`: YokeFlow works, but something that some plans need does not. */
  status: 'ok' | 'warn' | 'fail';
  detail: string;
  remedy?: string;
}
