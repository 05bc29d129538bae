/**
 * What is in flight on all connections together: messages that are not whole yet and replies that nobody reads. When it
 * is too much, the connection that holds most is closed, so that whoever holds little notices nothing.
 */

/** So many bytes of messages and replies are in flight on all connections. */
export const MAX_IN_FLIGHT_BYTES = 256 * 1024 * 1024;
/** So many connections are open; one more is closed at once. */
export const MAX_CONNECTIONS = 1000;
/** A message is whole, and a reply taken, within so many milliseconds. */
export const TRANSFER_MS = 30_000;

/** A connection, as far as its bytes are counted. */
export interface Carrier {
  /** How many bytes it holds now. */
  inFlight(): number;
  /** Ends it; `reason` completes "closed the connection: ". */
  disconnect(reason: string): void;
}

/** Other bounds, for tests. */
export interface TrafficOptions {
  readonly transferMs?: number;
  readonly maxBytes?: number;
}

/** The bytes in flight on the connections of one server. */
export class Traffic {
  /** How long a message may take until it is whole, and a reply until it is taken. */
  readonly transferMs: number;
  private readonly maxBytes: number;
  private readonly carriers = new Set<Carrier>();

  constructor({ transferMs = TRANSFER_MS, maxBytes = MAX_IN_FLIGHT_BYTES }: TrafficOptions = {}) {
    this.transferMs = transferMs;
    this.maxBytes = maxBytes;
  }

  /** Counts a connection from now on. */
  add(carrier: Carrier): void {
    this.carriers.add(carrier);
  }

  /** Counts it no longer. */
  remove(carrier: Carrier): void {
    this.carriers.delete(carrier);
  }

  /** Closes the connections that hold most until the rest is within the bound. */
  limit(): void {
    const held = [...this.carriers].map((carrier) => ({ carrier, bytes: carrier.inFlight() }));
    let inAll = held.reduce((sum, { bytes }) => sum + bytes, 0);
    if (inAll <= this.maxBytes) return;
    held.sort((left, right) => right.bytes - left.bytes);
    for (const { carrier, bytes } of held) {
      if (inAll <= this.maxBytes) return;
      inAll -= bytes;
      carrier.disconnect('too much is in flight on all connections, and most of it here');
    }
  }
}
