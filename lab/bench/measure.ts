/** One measurement: the load process against a front door, for some seconds. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LoadResult } from './load.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('load.ts', import.meta.url));

/** Sends orders to `url` from `clients` closed loops for `seconds`. */
export async function measure(url: string, clients: number, seconds: number): Promise<LoadResult> {
  const args = [script, '--url', url, '--clients', `${clients}`, '--seconds', `${seconds}`];
  const { stdout } = await run(process.execPath, args, { timeout: (seconds + 30) * 1000 });
  return JSON.parse(stdout) as LoadResult;
}
