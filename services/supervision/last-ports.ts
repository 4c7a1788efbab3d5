import { readFile } from 'node:fs/promises';
import { replaceFile } from '../replace-file';
import { portsSchema, type ServicesState } from './state';

/**
 * The ports that this home's services had last, also after they were stopped: who watches a session, and a bookmark of
 * the Web UI, go by them.
 */
export async function readLastPorts(file: string): Promise<ServicesState['ports']> {
  const text = await readFile(file, 'utf8').catch(() => 'null');
  return portsSchema.parse(parsed(text));
}

export function writeLastPorts(file: string, ports: ServicesState['ports']): Promise<void> {
  return replaceFile(file, `${JSON.stringify(ports)}\n`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
