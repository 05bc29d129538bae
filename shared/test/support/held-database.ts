/**
 * A way to the database on which commands can be held: what is held is sent when it is let go, as by a slow network.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The way to one database. */
export interface HeldDatabase {
  /** The database at the end of the way. */
  readonly url: string;
  /** Holds what is sent from now on: every command, or only those called `name`. */
  hold(name?: string): void;
  /** How many messages are held. */
  readonly held: number;
  /** Sends what was held, and holds nothing more. */
  release(): void;
  stop(): Promise<void>;
}

/** Opens a way to the database behind `url`, which names it in its path. */
export async function openHeldDatabase(url: string): Promise<HeldDatabase> {
  const { port, hostname, pathname } = new URL(url);
  const sockets = new Set<Socket>();
  let isHeld: (chunk: Buffer) => boolean = () => false;
  let held: (() => void)[] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    far.pipe(near);
    near.on('data', (chunk) => {
      if (isHeld(chunk)) held.push(() => far.write(chunk));
      else far.write(chunk);
    });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}?directConnection=true`,
    get held() {
      return held.length;
    },
    hold(name) {
      isHeld = name === undefined ? () => true : (chunk) => isCommand(chunk, name);
    },
    release() {
      isHeld = () => false;
      for (const send of held) send();
      held = [];
    },
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Whether a message begins with this command: 16 bytes of header, flags, kind, length and type, then its name. */
function isCommand(message: Buffer, name: string): boolean {
  return message.subarray(26, 27 + name.length).equals(Buffer.from(`${name}\0`));
}
