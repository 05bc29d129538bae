/**
 * Finds ports for a chain below the range that the system gives out by itself, so that nothing takes them meanwhile.
 */
import { createServer } from 'node:net';
import { chain, portOf } from '../chain.ts';

/** The offsets that a chain and its extensions use. */
const offsets = [...chain.map((service) => portOf(service, 0)), 3, 4, 10, 17];

/** Finds a PORT_BASE with every port of a chain free; +3 and +4 are for longer chains. */
export async function findPortBase(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const base = 10_000 + Math.floor(Math.random() * 1000) * 20;
    const free = await Promise.all(offsets.map((offset) => isFree(base + offset)));
    if (!free.includes(false)) return base;
  }
  throw new Error('No free range of ports was found.');
}

/** Whether nobody listens on a port of this machine. */
export function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
