/**
 * Leaves room for others: who holds more than a share of the places does not get the last of them.
 *
 * An address that holds its part of what those who ask divide among them stops short of the last quarter, a connection
 * that holds more than a few stops at half: who comes with little always finds a place. The address is that of the
 * socket and never one that a header names: behind a proxy all clients have one address, and share one share.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../resilience/deadline.ts';

/** Who asks: an address, and one of its connections. */
export interface Client {
  readonly address: string;
  readonly connection: object;
}

/** Counts who holds what. */
export interface FairShare {
  /** Up to how many places in all may be taken when this client gets the next one, of `limit` that there are. */
  roomFor(client: Client, limit: number): number;
  /** Notes that the client has a place; the answer gives it back. */
  take(client: Client): () => void;
}

/** So many places anybody may hold, however many there are who ask, where nothing else is said. */
const usualFew = 4;
/** Parts of all places beyond which an address with its share, and a connection with many, gets no more. */
const openTo = { address: 3 / 4, connection: 1 / 2 } as const;
/** Who asked so recently is one of those who ask. */
const recentMs = 2000;
/** More addresses than this are counted as one. */
const maxAddresses = 4096;

interface Held {
  places: number;
  askedAt: number;
}

/** Creates the count; `few` places anybody may hold. */
export function createFairShare(clock: Clock, few = usualFew): FairShare {
  const addresses = new Map<string, Held>();
  const connections = new WeakMap<object, number>();
  let prunedAt = clock();

  return {
    roomFor(client, limit) {
      const now = clock();
      const held = find(client.address, now);
      held.askedAt = now;
      prune(now);
      if ((connections.get(client.connection) ?? 0) >= few) return Math.ceil(limit * openTo.connection);
      const room = Math.ceil(limit * openTo.address);
      return held.places >= Math.max(few, room / addresses.size) ? room : limit;
    },
    take({ address, connection }) {
      const held = find(address, clock());
      held.places += 1;
      connections.set(connection, (connections.get(connection) ?? 0) + 1);
      return () => {
        held.places -= 1;
        connections.set(connection, (connections.get(connection) ?? 1) - 1);
      };
    },
  };

  function find(address: string, now: number): Held {
    const known = addresses.get(address);
    if (known !== undefined) return known;
    if (addresses.size >= maxAddresses && address !== '') return find('', now);
    const held = { places: 0, askedAt: now };
    addresses.set(address, held);
    return held;
  }

  function prune(now: number): void {
    if (now - prunedAt < recentMs / 10) return;
    prunedAt = now;
    for (const [address, { places, askedAt }] of addresses) {
      if (places === 0 && now - askedAt >= recentMs) addresses.delete(address);
    }
  }
}

/** Who sent a request. */
export function toClient({ socket }: Pick<IncomingMessage, 'socket'>): Client {
  return { address: toAddress(socket.remoteAddress), connection: socket };
}

/** By what clients are told apart: an IPv4 address, or the first half of an IPv6 one, since one client has the other. */
export function toAddress(remote: string | undefined = ''): string {
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(remote) ?? [];
  if (mapped !== undefined) return mapped;
  if (!remote.includes(':')) return remote;
  const [head = '', tail] = remote.split('%', 1)[0]?.split('::') ?? [];
  const parts = head === '' ? [] : head.split(':');
  const rest = tail ? tail.split(':') : [];
  const whole = [...parts, ...Array(Math.max(0, 8 - parts.length - rest.length)).fill('0'), ...rest];
  return whole.slice(0, 4).join(':');
}
