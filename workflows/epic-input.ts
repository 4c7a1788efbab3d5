export interface EpicInput {
  sessionId: number;
  /** Epic number; null is the lane of a sequential session. */
  epic: number | null;
  maxAttempts: number;
  taskTimeoutMinutes: number;
}
