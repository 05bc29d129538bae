/**
 * A TCP proxy that makes a database slow: it delays requests and answers and keeps their sequence. Nothing is lost;
 * what was sent before a client disconnected still arrives.
 *
 * It parses the frames of MongoDB's protocol only to recognise the handshake: a slow disk does not delay it, so that
 * clients keep their connections, and every operation is acknowledged too late. A slow link delays the handshake, too,
 * and looks like an outage.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What is slow: the database's disk, or the link to it. */
export type Slowness = 'disk' | 'link';

/** A link that can be slow. */
export interface SlowLink {
  readonly port: number;
  /** Operations that were delayed so far. */
  readonly delayed: () => number;
  /** Delays everything from now on by `ms`, half of it in each direction; 0 ends it. */
  slow(ms: number, what?: Slowness): void;
  stop(): Promise<void>;
}

/** Starts a link to a port of this machine, at first without delay. */
export async function startSlowLink(target: number): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  let halfMs = 0;
  let slowness: Slowness = 'disk';
  let delayed = 0;

  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const greetings = new Set<number>();
    const isQuick = (frame: Buffer) => slowness === 'disk' && greetings.delete(frame.readInt32LE(responseTo));
    pass(near, far, (frame) => {
      if (!isGreeting(frame)) {
        if (halfMs > 0) delayed += 1;
        return halfMs;
      }
      greetings.add(frame.readInt32LE(requestId));
      return slowness === 'disk' ? 0 : halfMs;
    });
    pass(far, near, (frame) => (isQuick(frame) ? 0 : halfMs));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    delayed: () => delayed,
    slow(ms, what = 'disk') {
      halfMs = ms / 2;
      slowness = what;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  /** Forwards whole frames, each after its delay and in sequence; the end of the stream comes last. */
  function pass(from: Socket, to: Socket, delayOf: (frame: Buffer) => number): void {
    let rest: Buffer = Buffer.alloc(0);
    let freeAt = 0;
    const after = (delayMs: number, act: () => void) => {
      const now = performance.now();
      freeAt = Math.max(freeAt, now + delayMs);
      if (freeAt <= now) act();
      else setTimeout(act, freeAt - now);
    };
    sockets.add(from);
    from.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (let frame = takeFrame(); frame !== undefined; frame = takeFrame()) {
        const whole = frame;
        after(delayOf(whole), () => to.writable && to.write(whole));
      }
    });
    from.on('error', () => undefined); // it is closed next
    from.once('close', () => {
      sockets.delete(from);
      after(0, () => to.end());
    });

    function takeFrame(): Buffer | undefined {
      const size = rest.length < headerBytes ? Number.POSITIVE_INFINITY : rest.readInt32LE(0);
      if (rest.length < size) return undefined;
      const frame = rest.subarray(0, size);
      rest = rest.subarray(size);
      return frame;
    }
  }
}

/** Where the fields of a header are: `messageLength requestID responseTo opCode`, four bytes each. */
const requestId = 4;
const responseTo = 8;
const opCode = 12;
const headerBytes = 16;
const opMsg = 2013;
/** In an OP_MSG: flags (4), kind of section (1), length of the document (4), type of its first member (1), its name. */
const commandName = headerBytes + 10;

/** Whether a frame is a handshake; the first one of a connection can be in the older format. */
function isGreeting(frame: Buffer): boolean {
  if (frame.readInt32LE(opCode) !== opMsg) return true;
  const end = frame.indexOf(0, commandName);
  return /^(hello|ismaster)$/i.test(frame.toString('latin1', commandName, end));
}
