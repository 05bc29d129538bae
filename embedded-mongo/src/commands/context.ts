/** What every command handler gets besides its request. */
import type { Document } from 'bson';
import type { Store } from '../store/documents.ts';
import type { Cursors } from './cursors.ts';
import type { Request } from './request.ts';
import type { Credentials, Login } from './scram.ts';
import type { TimeLimit } from './time-limit.ts';

/** The open server, as commands see it. */
export interface Context extends Store {
  readonly cursors: Cursors;
  /** The time of the command that is carried out; its cursor takes it along. */
  readonly time: TimeLimit;
  /** Milliseconds since 1970; injected, so that tests can turn the clock. */
  readonly now: () => number;
  readonly startedAt: number;
  readonly dataDir: string;
  /** Who may use the server; undefined: everybody. */
  readonly credentials: Credentials | undefined;
  /** "host:port" the server listens on. */
  readonly address: () => string;
}

/** Who sent a command. */
export interface Client {
  readonly id: number;
  readonly address: string;
  /** It has logged in. */
  isKnown: boolean;
  /** A login that has begun. */
  login: Login | undefined;
  /** False once the connection is gone. */
  isOpen: boolean;
  /** The cursor its last command opened: freed when the client vanishes before it has the answer. */
  cursor: bigint | undefined;
}

/** An answer: a document, or its bytes when it carries raw documents. */
export type Reply = Document | Buffer;

/** Carries out one command. */
export type Handler = (request: Request, context: Context, client: Client) => Reply | Promise<Reply>;
