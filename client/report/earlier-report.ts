import { open, stat } from 'node:fs/promises';
import { html } from './html';

/** By it a page tells that it is a report. */
export const GENERATOR = html`<meta name="generator" content="YokeFlow" />`;

/** How the page begins, and how the facts do. */
const BEGINNINGS = [new RegExp(`^<!doctype html>[^]{0,200}${GENERATOR.text}`), /^\{"now":\d+,"outdated":/];
const BEGINNING_BYTES = 500;

/** Whether a report may take this file's place: that of an earlier one, of nothing, or of what is no file that keeps anything. */
export async function mayGiveWay(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile() || found.size === 0) return true;
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(BEGINNING_BYTES), position: 0 });
    const beginning = buffer.toString('utf8', 0, bytesRead);
    return BEGINNINGS.some((pattern) => pattern.test(beginning));
  } finally {
    await handle.close();
  }
}
