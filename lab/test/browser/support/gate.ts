/**
 * A gate between the page and the lab: everything passes until it is shut, which ends the open connections too.
 *
 * The page sees the gate's address, and the lab a visitor like any other.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A gate that listens. */
export interface Gate {
  readonly url: string;
  /** Ends every connection and refuses new ones. */
  shut(): void;
  open(): void;
  stop(): Promise<void>;
}

/** Opens a gate in front of an address of this machine. */
export async function startGate(target: string): Promise<Gate> {
  const { port, hostname } = new URL(target);
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer((near) => {
    if (!isOpen) return void near.resetAndDestroy();
    const far = connect(Number(port), hostname);
    near.pipe(far).pipe(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = () => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shut: end,
    open() {
      isOpen = true;
    },
    stop() {
      end();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
