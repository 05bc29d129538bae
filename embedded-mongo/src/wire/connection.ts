/**
 * One client's connection: bytes in, commands one after the other, replies out in the same order. Invalid bytes, an
 * incomplete message or an unread reply close this connection and no other.
 */
import type { Socket } from 'node:net';
import { toBson } from '../bson/write.ts';
import type { Client } from '../commands/client.ts';
import type { Context } from '../commands/context.ts';
import { runCommand } from '../commands/run.ts';
import { CommandError } from '../core/errors.ts';
import { logInfo } from '../core/log.ts';
import { type Message, messageLength, ProtocolError, parseMessage, replyTo } from './message.ts';
import type { Carrier, Traffic } from './traffic.ts';

/** A running connection. */
export interface Connection {
  /** Ends it after the command in flight. */
  close(): void;
  /** Ends it at once. */
  destroy(): void;
}

let nextClient = 1;

/** Serves a socket until it ends; calls `onClosed` once. */
export function serveConnection(
  socket: Socket,
  context: Context,
  traffic: Traffic,
  onClosed: () => void,
): Connection {
  const client: Client = {
    id: nextClient++,
    address: `${socket.remoteAddress}:${socket.remotePort}`,
    isAuthenticated: false,
    login: undefined,
    isOpen: true,
    cursor: undefined,
  };
  let received: Buffer[] = [];
  let size = 0;
  let wanted = 4;
  let isBusy = false;
  let isClosing = false;

  let deadline: NodeJS.Timeout | undefined;
  const carrier: Carrier = {
    inFlight: () => size + socket.writableLength,
    disconnect(reason) {
      if (!socket.destroyed) logInfo(`closed the connection of ${client.address}: ${reason}`);
      socket.destroy();
    },
  };
  traffic.add(carrier);
  startTransferTimer('no message');

  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    received.push(chunk);
    size += chunk.length;
    if (!isBusy && size >= wanted) void work();
    else if (!isBusy) {
      startTransferTimer('half a message');
      traffic.limit();
    }
  });
  // A reset connection is normal: `close` follows and frees its resources.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    client.isOpen = false;
    clearTimeout(deadline);
    traffic.remove(carrier);
    freeCursor();
    received = [];
    size = 0;
    onClosed();
  });

  async function work(): Promise<void> {
    isBusy = true;
    calm();
    socket.pause();
    try {
      for (let bytes = nextMessage(); bytes && client.isOpen && !isClosing; bytes = nextMessage())
        await answer(bytes);
      if (size > 0) startTransferTimer('half a message');
    } catch (error) {
      const reason = error instanceof ProtocolError ? error.message : String(error);
      logInfo(`closed the connection of ${client.address}: it sent ${reason}`);
      socket.destroy();
    }
    isBusy = false;
    if (isClosing) socket.end();
    else socket.resume();
  }

  function nextMessage(): Buffer | undefined {
    if (size < wanted) return undefined;
    if (received.length > 1) received = [Buffer.concat(received, size)];
    const bytes = received[0] as Buffer;
    const length = messageLength(bytes);
    if (length === undefined || size < length) {
      wanted = length ?? 4;
      return undefined;
    }
    size -= length;
    received = size > 0 ? [bytes.subarray(length) as Buffer] : [];
    wanted = 4;
    return bytes.subarray(0, length) as Buffer;
  }

  async function answer(bytes: Buffer): Promise<void> {
    const { message, reply } = await handle(bytes);
    if (!client.isOpen) freeCursor();
    else if (message.wantsReply) {
      const isTaken = socket.write(
        replyTo(message, reply),
        client.cursor === undefined ? undefined : keepCursor,
      );
      if (!isTaken) await untilTaken();
    }
  }

  /** The next command waits until this reply is read, so that unread replies do not accumulate. */
  async function untilTaken(): Promise<void> {
    traffic.limit();
    if (socket.destroyed) return;
    startTransferTimer('a reply that nobody reads');
    await new Promise<void>((done) => {
      const finish = () => {
        socket.off('drain', finish).off('close', finish);
        done();
      };
      socket.on('drain', finish).on('close', finish);
    });
    calm();
  }

  /** Starts the timer once per message: further bytes do not extend it. */
  function startTransferTimer(what: string): void {
    deadline ??= setTimeout(
      () => carrier.disconnect(`${what} in ${traffic.transferMs / 1000} s`),
      traffic.transferMs,
    ).unref();
  }

  function calm(): void {
    clearTimeout(deadline);
    deadline = undefined;
  }

  /** The reply is sent: the cursor belongs to the client now, and can be used over another connection. */
  function keepCursor(error?: Error | null): void {
    if (!error) client.cursor = undefined;
  }

  function freeCursor(): void {
    if (client.cursor !== undefined) context.cursors.kill(client.cursor);
    client.cursor = undefined;
  }

  async function handle(
    bytes: Buffer,
  ): Promise<{ message: Pick<Message, 'requestId' | 'isQuery' | 'wantsReply'>; reply: Buffer }> {
    let message: Message;
    try {
      message = parseMessage(bytes);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const reply = toBson({ ok: 0, errmsg: error.message, code: error.code, codeName: error.codeName });
      return { message: { requestId: bytes.readInt32LE(4), isQuery: false, wantsReply: true }, reply };
    }
    return { message, reply: await runCommand(message.body, message.sequences, context, client) };
  }

  return {
    close() {
      isClosing = true;
      if (!isBusy) socket.end();
    },
    destroy() {
      socket.destroy();
    },
  };
}
