/** What `doctor` found out about one thing. */
export interface Check {
  name: string;
  /** 'warn': YokeFlow works, but something that some plans need does not. */
  ok: boolean | 'warn';
  detail: string;
  remedy?: string;
}
