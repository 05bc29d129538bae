/**
 * The bytes in flight on all connections: incomplete messages and unread replies. Above the limit, the connection with
 * the most is closed, so that the others are not affected.
 */

/** The limit of bytes in flight on all connections. */
export const MAX_IN_FLIGHT_BYTES = 256 * 1024 * 1024;
/** The limit of connections; a further one is closed at once. */
export const MAX_CONNECTIONS = 1000;
/** The time limit in milliseconds for a whole message, and for reading a reply. */
export const TRANSFER_MS = 30_000;

/** A connection whose bytes are counted. */
export interface Carrier {
  /** Its bytes in flight. */
  inFlight(): number;
  /** Ends it; `reason` completes "closed the connection: ". */
  disconnect(reason: string): void;
}

/** Other limits, for tests. */
export interface TrafficOptions {
  readonly transferMs?: number;
  readonly maxBytes?: number;
}

/** The bytes in flight on the connections of one server. */
export class Traffic {
  /** The time limit for a whole message, and for reading a reply. */
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

  /** Stops counting it. */
  remove(carrier: Carrier): void {
    this.carriers.delete(carrier);
  }

  /** Closes the connections with the most bytes until the rest is within the limit. */
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
