/**
 * A TCP proxy in front of a database that counts the documents that its clients insert and update, command by command as
 * they are on the wire, and whether each command asks for a durable write.
 */
import { type AddressInfo, connect, createServer } from 'node:net';
import { BSON } from 'mongodb';

/** The writes so far. */
export interface CountedWrites {
  readonly inserts: Record<string, number>;
  readonly updates: Record<string, number>;
  /** Write commands that ask for less than `{w: 'majority', j: true}`. */
  weak: number;
}

/** A proxy that counts writes. */
export interface WriteCounter {
  readonly port: number;
  readonly writes: CountedWrites;
  stop(): void;
}

/** Starts a proxy to a port of this machine. */
export async function startWriteCounter(target: number): Promise<WriteCounter> {
  const writes: CountedWrites = { inserts: {}, updates: {}, weak: 0 };
  const ends = new AbortController();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const sockets = [near, far];
    for (const socket of sockets) {
      socket.on('error', () => undefined); // it is closed next
      socket.once('close', () => sockets.map((one) => one.destroy()));
    }
    ends.signal.addEventListener('abort', () => near.destroy());
    near.on('data', createReader(writes));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    writes,
    stop() {
      ends.abort();
      server.close();
    },
  };
}

/** In a frame: `messageLength requestID responseTo opCode flags`, four bytes each, then the sections. */
const opCode = 12;
const sections = 20;
const opMsg = 2013;

function createReader(writes: CountedWrites): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const frame = rest.subarray(0, rest.readInt32LE(0));
      rest = rest.subarray(frame.length);
      if (frame.readInt32LE(opCode) === opMsg) count(readCommand(frame), writes);
    }
  };
}

/** The command with the lists that stand in sections of their own. */
function readCommand(frame: Buffer): BSON.Document {
  const command: BSON.Document = {};
  for (let at = sections; at < frame.length; ) {
    const size = frame.readInt32LE(at + 1);
    const section = frame.subarray(at + 1, at + 1 + size);
    if (frame[at] === 0) Object.assign(command, BSON.deserialize(section));
    else {
      const end = section.indexOf(0, 4);
      const list: number[] = [];
      for (let next = end + 1; next < size; next += section.readInt32LE(next)) list.push(next);
      command[section.toString('latin1', 4, end)] = list;
    }
    at += 1 + size;
  }
  return command;
}

function count({ insert, update, documents, updates, writeConcern }: BSON.Document, writes: CountedWrites) {
  // A claim of the relay is another command; what it does to many documents at once belongs to no order.
  const single = updates?.filter(({ multi }: { multi?: boolean }) => multi !== true) ?? [];
  if (typeof insert === 'string') writes.inserts[insert] = (writes.inserts[insert] ?? 0) + documents.length;
  else if (typeof update === 'string' && single.length > 0)
    writes.updates[update] = (writes.updates[update] ?? 0) + single.length;
  else return;
  if (writeConcern?.w !== 'majority' || writeConcern.j !== true) writes.weak += 1;
}
