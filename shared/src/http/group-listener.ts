/**
 * Answers groups: unpacks the creates of one message, and sends each answer as soon as it is there.
 *
 * Every entry takes a place, is measured, and is answered by the code of single creates. A group is only a hop's: it
 * proves its whole before it is read, and each entry brings its own proof.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Request, Response } from 'express';
import { RequestError } from '../core/errors.ts';
import {
  type Entry,
  type EntryAnswer,
  groupType,
  maxEntries,
  maxGroupBytes,
  parseGroup,
  writeEntryAnswer,
} from '../delivery/group-format.ts';
import type { ChainGate } from '../proof/chain-gate.ts';
import type { Failure } from './failure.ts';
import { createEntry, type EntryExchange } from './group-entry.ts';
import { maxHopBodyBytes, readUpTo, tooLarge } from './json-body.ts';

/** What answering groups needs. */
export interface GroupListenerOptions {
  readonly chain: Pick<ChainGate, 'isProven' | 'isFromHop'>;
  /** The paths of creates. */
  readonly paths: ReadonlySet<string>;
  /** Answers one entry, in a place of its own. */
  readonly answer: RequestListener;
  readonly fail: Failure;
}

/** Whether a request is a group that a hop has sent; anything else is for the app, which knows no groups. */
export function isGroup(
  request: IncomingMessage,
  { chain, paths }: Pick<GroupListenerOptions, 'chain' | 'paths'>,
): boolean {
  if (request.method !== 'POST' || request.headers['content-type'] !== groupType) return false;
  return paths.has(toPath(request)) && chain.isProven(request);
}

/** Creates the listener for the requests that {@link isGroup} names. */
export function createGroupListener({ chain, answer, fail }: GroupListenerOptions): RequestListener {
  const read = readUpTo(maxGroupBytes);
  return async (incoming, outgoing) => {
    // The reader of bodies and the answer to errors use nothing of Express.
    const [request, response] = [incoming as Request, outgoing as Response];
    try {
      await new Promise<void>((resolve, reject) =>
        read(request, response, (error?: unknown) => (error ? reject(error) : resolve())),
      );
      if (response.writableEnded || request.socket.destroyed) return;
      const bytes: Buffer = request.body;
      await chain.isFromHop(request, bytes);
      answerEntries(request, response, requireGroup(bytes));
    } catch (error) {
      fail(error, request, response);
    }
  };

  function answerEntries(
    request: IncomingMessage,
    response: ServerResponse,
    entries: readonly Entry[],
  ): void {
    const path = toPath(request);
    const send = createAnswerStream(response, entries.length);
    const open = new Set<EntryExchange>();
    entries.forEach((entry, index) => {
      const exchange = createEntry(entry, request, path, (answer) => {
        send({ index, answer }, () => {
          open.delete(exchange);
          exchange.close();
        });
      });
      open.add(exchange);
    });
    response.once('close', () => {
      for (const exchange of open) exchange.close();
    });
    for (const { request: one, response: its } of [...open]) {
      if (one.body.length > maxHopBodyBytes) fail(tooLarge(maxHopBodyBytes), one, its);
      else if (chain.isProven(one)) answer(one, its);
      else fail(unproven(), one, its);
    }
  }
}

/** Sends answers; those of one turn in one piece, and all in one when there is nothing to wait for. */
function createAnswerStream(
  response: ServerResponse,
  count: number,
): (answer: EntryAnswer, sent: () => void) => void {
  let left = count;
  let lines: string[] = [];
  let callbacks: (() => void)[] = [];

  return (answer, sent) => {
    left -= 1;
    lines.push(writeEntryAnswer(answer));
    callbacks.push(sent);
    if (lines.length === 1) process.nextTick(flush);
  };

  function flush(): void {
    const text = lines.join('');
    const called = callbacks;
    [lines, callbacks] = [[], []];
    if (response.destroyed) return;
    // A proxy passes on what comes, and does not collect it.
    if (!response.headersSent)
      response.setHeader('Content-Type', groupType).writeHead(200, {
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
        ...(left === 0 ? { 'Content-Length': Buffer.byteLength(text) } : {}),
      });
    const done = () => {
      for (const callback of called) callback();
    };
    if (left === 0) response.end(text, done);
    else response.write(text, done);
  }
}

function requireGroup(bytes: Buffer): readonly Entry[] {
  const entries = parseGroup(bytes.toString());
  if (entries !== undefined) return entries;
  throw new RequestError('unreadable', `The body is no group of 1 to ${maxEntries} creates.`);
}

function toPath({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function unproven(): RequestError {
  return new RequestError('unproven', 'An entry of a group brings no Chain-Proof of this chain.');
}
