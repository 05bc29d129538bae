/**
 * Whether the ports of a plan are free, asked before anything is started.
 *
 * Between the question and the start another program may still take one; then the part itself says so and ends.
 */
import { createServer } from 'node:net';
import type { Part } from './plan.ts';

/** Says, in a sentence for each, which ports cannot be used; empty when all are free. */
export async function findTakenPorts(parts: readonly Part[]): Promise<string[]> {
  const sentences = await Promise.all(parts.map(tryPort));
  return sentences.filter((sentence) => sentence !== undefined);
}

async function tryPort({ name, host, port }: Part): Promise<string | undefined> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(port, host, () => resolve(undefined));
  });
  if (error === undefined) {
    await new Promise((resolve) => server.close(resolve));
    return undefined;
  }
  const why =
    error.code === 'EADDRINUSE'
      ? 'is in use by another program'
      : `on ${host} cannot be used: ${error.message}`;
  return `Port ${port}, which ${name} needs, ${why}; choose other ports with PORT_BASE, as in PORT_BASE=4300 npm start.`;
}
