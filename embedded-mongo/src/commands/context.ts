/** What every command handler gets besides its request. */
import type { Document } from 'bson';
import type { Store } from '../store/documents.ts';
import type { Client } from './client.ts';
import type { Cursors } from './cursors.ts';
import type { Request } from './request.ts';
import type { TimeLimit } from './time-limit.ts';

/** Who may use the server. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

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

/** An answer: a document, or its bytes when it carries raw documents. */
export type Reply = Document | Buffer;

/** Carries out one command. */
export type Handler = (request: Request, context: Context, client: Client) => Reply | Promise<Reply>;
