/**
 * Checks whether the ports of a plan are free, and finds free ones, before anything is started.
 *
 * Another program can still take a port in between; then the process reports it and ends.
 */
import { createServer } from 'node:net';

/** A process that will listen. */
export interface Listener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** One sentence for each port that cannot be used. */
export async function findTakenPorts(parts: readonly Listener[]): Promise<string[]> {
  const sentences = await Promise.all(parts.map(tryPort));
  return sentences.filter((sentence) => sentence !== undefined);
}

/** Finds a free port on each of `hosts`, none below `from`; fewer when there are no more. */
export type FindFreePorts = (from: number, hosts: readonly string[]) => Promise<number[]>;

/** Ports that are tried before the search ends. */
const searched = 200;

/** Finds free ports in ascending sequence, so that repeated starts get the same ports where they are free. */
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

/** Why the port cannot be used; `undefined` when it can. */
async function toListenError(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(port, host, () => resolve(undefined));
  });
  if (error === undefined) await new Promise((resolve) => server.close(resolve));
  return error;
}
