import { startOf } from './cut-text';
import { harmless } from './harmless';

/** Which database has the plan and the results of what goes on in a place: a repository, a namespace of Temporal. */
export interface Claim {
  /** The database's identity. */
  database: string;
  /** For people: who began to work here, and where. */
  by: string;
  /** ISO 8601. */
  since: string;
}

/** Null for a text that says no such thing. */
export function parseClaim(text: string): Claim | null {
  try {
    const { database, by, since } = JSON.parse(text) as Record<string, unknown>;
    if (typeof database !== 'string' || typeof by !== 'string' || typeof since !== 'string') return null;
    return { database, by, since };
  } catch {
    return null;
  }
}

/** In a few words of one line, whatever somebody has written there. */
export function describeClaim({ by, since }: Claim): string {
  const words = (text: string, most: number) => startOf(harmless(text).replaceAll('\n', ' '), most);
  return `another database of YokeFlow (${words(by, 300)}, since ${words(since, 16).replace('T', ' ')})`;
}
