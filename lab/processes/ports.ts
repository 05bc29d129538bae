/**
 * Finds free ports below the range that the system gives out by itself, since a killed process must get its port again.
 *
 * Test files run in several workers at once: each worker has lanes of ports of its own, so that none takes what another
 * has just found free.
 */
import { createServer } from 'node:net';
import { environmentWith } from '@holdfast/shared/core/config.ts';

/** Above 10080, to which neither `fetch` nor a browser sends anything. */
const firstPort = 10_100;
/** Neighbouring ports that belong to one chain. */
const laneWidth = 40;
const lanes = 500;
/** As many workers as may look for ports at the same time. */
const workers = 4;
const worker = Number(environmentWith({}).VITEST_POOL_ID ?? 0) % workers;
const given = new Set<number>();

/** The first port of a lane that nobody in this process was given, where these offsets are all free. */
export async function findLane(offsets: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const lane = worker + workers * Math.floor((Math.random() * lanes) / workers);
    const base = firstPort + lane * laneWidth;
    if (given.has(base)) continue;
    const free = await Promise.all(offsets.map((offset) => isFree(base + offset)));
    if (free.includes(false)) continue;
    given.add(base);
    return base;
  }
  throw new Error('There are no free ports.');
}

/** Finds `count` ports that are free, and that no other call in this process was given. */
export async function findFreePorts(count: number): Promise<number[]> {
  const offsets = Array.from({ length: count }, (_, offset) => offset);
  const base = await findLane(offsets);
  return offsets.map((offset) => base + offset);
}

/** Whether nobody listens on a port of this machine. */
export function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
