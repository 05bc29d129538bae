/** A TCP proxy that counts connections: what a service really does with its database. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy that listens. */
export interface CountingProxy {
  readonly port: number;
  /** Connections so far. */
  count(): number;
  stop(): Promise<void>;
}

/** Starts a proxy in front of a port of this machine. */
export async function startCountingProxy(target: number): Promise<CountingProxy> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((near) => {
    count += 1;
    const far = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    count: () => count,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
