/**
 * Whether the ports of a plan are free, and which others are, asked before anything is started.
 *
 * Between the question and the start another program may still take one; then the part itself says so and ends.
 */
import { createServer } from 'node:net';

/** Something that will listen. */
export interface Listener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Says, in a sentence for each, which ports cannot be used; empty when all are free. */
export async function findTakenPorts(parts: readonly Listener[]): Promise<string[]> {
  const sentences = await Promise.all(parts.map(tryPort));
  return sentences.filter((sentence) => sentence !== undefined);
}

/** Finds a free port on each of `hosts`, none below `from`; fewer when there are no more. */
export type FindFreePorts = (from: number, hosts: readonly string[]) => Promise<number[]>;

/** Ports that are tried before the search is given up; above 65535 there are none. */
const searched = 200;

/** Finds free ports one after the other, so that the same start has the same ports where nothing is in the way. */
export const findFreePorts: FindFreePorts = async (from, hosts) => {
  const found: number[] = [];
  const end = Math.min(from + searched, 65_536);
  for (let port = from; port < end && found.length < hosts.length; port += 1) {
    if ((await toListenError(hosts[found.length] ?? '', port)) === undefined) found.push(port);
  }
  return found;
};

async function tryPort({ name, host, port }: Listener): Promise<string | undefined> {
  const error = await toListenError(host, port);
  if (error === undefined) return undefined;
  const why =
    error.code === 'EADDRINUSE'
      ? 'is in use by another program'
      : `on ${host} cannot be used: ${error.message}`;
  return `Port ${port}, which ${name} needs, ${why}; choose other ports with PORT_BASE, as in PORT_BASE=4300 npm start.`;
}

/** Why nobody can listen there; `undefined` when one can. */
async function toListenError(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(port, host, () => resolve(undefined));
  });
  if (error === undefined) await new Promise((resolve) => server.close(resolve));
  return error;
}
