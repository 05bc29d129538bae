/**
 * MongoDB's wire protocol: parses messages and builds replies
 * (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/). OP_MSG, and OP_QUERY for the first handshake
 * of drivers.
 */
import { findField, readInt32 } from '../bson/raw.ts';
import { MAX_MESSAGE_BYTES, validateDocument } from '../bson/validate.ts';
import { toBson } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;

/** A received command. */
export interface Message {
  readonly requestId: number;
  readonly isQuery: boolean;
  /** False when the client asked for no reply. */
  readonly wantsReply: boolean;
  readonly body: Buffer;
  readonly sequences: ReadonlyMap<string, readonly Buffer[]>;
}

/** Invalid bytes; the connection is closed. */
export class ProtocolError extends Error {}

/**
 * Reads the length of the message at the start of `bytes`; undefined when it has not arrived yet.
 *
 * @throws {ProtocolError} when the length is not legal.
 */
export function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < 4) return undefined;
  const length = readInt32(bytes, 0);
  if (length >= HEADER_BYTES + 5 && length <= MAX_MESSAGE_BYTES) return length;
  throw new ProtocolError(`a message of ${length} bytes`);
}

const NO_SEQUENCES: ReadonlyMap<string, readonly Buffer[]> = new Map();

/**
 * Parses a whole message.
 *
 * @throws {ProtocolError} when its structure is broken; {CommandError} when a document in it is.
 */
export function parseMessage(bytes: Buffer): Message {
  const requestId = readInt32(bytes, 4);
  const opCode = readInt32(bytes, 12);
  if (opCode === OP_MSG) return parseMsg(bytes, requestId);
  if (opCode === OP_QUERY) return parseQuery(bytes, requestId);
  throw new ProtocolError(`operation code ${opCode}`);
}

function parseMsg(bytes: Buffer, requestId: number): Message {
  const flags = readInt32(bytes, HEADER_BYTES);
  // The low sixteen bits are required: an unknown one means a feature that is not supported.
  if ((flags & 0xffff & ~(CHECKSUM_PRESENT | MORE_TO_COME)) !== 0)
    throw new ProtocolError(`unknown flags ${flags}`);
  const limit = bytes.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let body: Buffer | undefined;
  let sequences: Map<string, Buffer[]> | undefined;
  let at = HEADER_BYTES + 4;
  while (at < limit) {
    const kind = bytes[at++];
    if (kind === 0) {
      if (body) throw new ProtocolError('two bodies');
      const end = validateDocument(bytes, at, limit);
      body = bytes.subarray(at, end) as Buffer;
      at = end;
    } else if (kind === 1) {
      sequences ??= new Map();
      at = parseSequence(bytes, at, limit, sequences);
    } else throw new ProtocolError(`a section of kind ${kind}`);
  }
  if (!body) throw new ProtocolError('no body');
  return {
    requestId,
    isQuery: false,
    wantsReply: (flags & MORE_TO_COME) === 0,
    body,
    sequences: sequences ?? NO_SEQUENCES,
  };
}

function parseSequence(bytes: Buffer, start: number, limit: number, into: Map<string, Buffer[]>): number {
  if (start + 4 > limit) throw new ProtocolError('a section cut short');
  const end = start + readInt32(bytes, start);
  const nameEnd = bytes.indexOf(0, start + 4);
  if (end > limit || nameEnd < 0 || nameEnd >= end) throw new ProtocolError('a section of wrong length');
  const documents: Buffer[] = [];
  let at = nameEnd + 1;
  while (at < end) {
    const next = validateDocument(bytes, at, end);
    documents.push(bytes.subarray(at, next) as Buffer);
    at = next;
  }
  into.set(bytes.toString('utf8', start + 4, nameEnd), documents);
  return end;
}

function parseQuery(bytes: Buffer, requestId: number): Message {
  const nameEnd = bytes.indexOf(0, HEADER_BYTES + 4);
  if (nameEnd < 0 || nameEnd + 9 > bytes.length) throw new ProtocolError('a query without a namespace');
  const namespace = bytes.toString('utf8', HEADER_BYTES + 4, nameEnd);
  if (!namespace.endsWith('.$cmd'))
    throw new CommandError('NotImplemented', 'OP_QUERY is only supported for commands');
  const start = nameEnd + 9;
  const end = validateDocument(bytes, start, bytes.length);
  const body = bytes.subarray(start, end) as Buffer;
  return {
    requestId,
    isQuery: true,
    wantsReply: true,
    body: withDatabase(body, namespace.slice(0, -5)),
    sequences: NO_SEQUENCES,
  };
}

const DATABASE = Buffer.from('$db');

/** OP_QUERY names the database in front of the document; commands look for it inside. */
function withDatabase(body: Buffer, database: string): Buffer {
  if (findField(body, 0, DATABASE)) return body;
  const extra = toBson({ $db: database });
  const joined = Buffer.concat([body.subarray(0, -1), extra.subarray(4)]);
  joined.writeInt32LE(joined.length, 0);
  return joined;
}

let nextId = 1;

/** Builds the reply to a message. */
export function replyTo(message: { requestId: number; isQuery: boolean }, document: Buffer): Buffer {
  const extra = message.isQuery ? 20 : 5;
  const reply = Buffer.allocUnsafe(HEADER_BYTES + extra + document.length);
  reply.writeInt32LE(reply.length, 0);
  reply.writeInt32LE(nextId, 4);
  nextId = (nextId + 1) & 0x7fffffff;
  reply.writeInt32LE(message.requestId, 8);
  reply.writeInt32LE(message.isQuery ? OP_REPLY : OP_MSG, 12);
  reply.fill(0, HEADER_BYTES, HEADER_BYTES + extra);
  if (message.isQuery) {
    reply.writeInt32LE(8, 16);
    reply.writeInt32LE(1, 32);
  }
  reply.set(document, HEADER_BYTES + extra);
  return reply;
}
