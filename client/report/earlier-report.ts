import { stat } from 'node:fs/promises';
import { fileBeginning } from '../../agents/process/file-beginning';
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
  const beginning = (await fileBeginning(file, BEGINNING_BYTES)).toString('utf8');
  return BEGINNINGS.some((pattern) => pattern.test(beginning));
}
