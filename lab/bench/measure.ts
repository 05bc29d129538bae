/** One measurement: the load process against a front door, for some seconds. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LoadResult } from './load.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('load.ts', import.meta.url));

/** What the load process does. */
export interface Load {
  readonly clients: number;
  readonly seconds: number;
  /** Orders a second of all clients together; by default each client sends as fast as it is answered. */
  readonly rate?: number | undefined;
  /** Ends as soon as so many orders in a row have gone through. */
  readonly inARow?: number;
}

/** Sends orders to `url`. */
export async function measure(
  url: string,
  { clients, seconds, rate = 0, inARow = 0 }: Load,
): Promise<LoadResult> {
  const flags = { url, clients, seconds, rate, 'in-a-row': inARow };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const { stdout } = await run(process.execPath, [script, ...args], { timeout: (seconds + 30) * 1000 });
  return JSON.parse(stdout) as LoadResult;
}

/**
 * Sends orders one after the other until five in a row have gone through, for twelve seconds at most: a breaker that an
 * earlier load has opened is given the time to close.
 */
export function recover(url: string): Promise<LoadResult> {
  return measure(url, { clients: 1, seconds: 12, rate: 20, inARow: 5 });
}
