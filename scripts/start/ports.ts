/**
 * Checks whether the ports of a plan are free, and finds free ones, before anything is started.
 *
 * Another program can still take a port in between; then the process reports it and ends.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** A process that will listen. */
export interface Listener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** One sentence for each port that cannot be used; `base` is the `PORT_BASE` that they come from. */
export async function findTakenPorts(parts: readonly Listener[], base: number): Promise<string[]> {
  const faults = await Promise.all(parts.map(findFault));
  if (faults.every((fault) => fault === undefined)) return [];
  const other = await findOtherBase(parts, base);
  const handedOut = readHandedOut();
  return parts.flatMap(({ name, port }, index) => {
    const fault = faults[index];
    if (fault === undefined) return [];
    const isHandedOut = port >= handedOut.first && port <= handedOut.last;
    const note = isHandedOut
      ? `the system hands out the ports from ${handedOut.first} to ${handedOut.last} to connections, so that any of them may be taken; `
      : '';
    return `Port ${port}, which ${name} needs, ${fault}; ${note}choose other ports with PORT_BASE, as in PORT_BASE=${other} npm start.`;
  });
}

/** Bases to suggest, below what systems hand out. */
const otherBases = [4300, 5300, 6300, 7300, 8300, 9300, 13_000] as const;

/** A base whose ports are all free now. */
async function findOtherBase(parts: readonly Listener[], base: number): Promise<number> {
  for (const other of otherBases) {
    if (other === base) continue;
    const moved = parts.map(({ host, port }) => toListenError(host, port - base + other));
    if ((await Promise.all(moved)).every((error) => error === undefined)) return other;
  }
  return otherBases[0];
}

/** The ports that the system gives to connections; Linux says which, elsewhere they are those of IANA. */
function readHandedOut(): { readonly first: number; readonly last: number } {
  try {
    const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/);
    return { first: Number(first), last: Number(last) };
  } catch {
    return { first: 49_152, last: 65_535 };
  }
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

async function findFault({ host, port }: Listener): Promise<string | undefined> {
  const error = await toListenError(host, port);
  if (error === undefined) return undefined;
  return error.code === 'EADDRINUSE'
    ? 'is in use by another program'
    : `on ${host} cannot be used: ${error.message}`;
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
