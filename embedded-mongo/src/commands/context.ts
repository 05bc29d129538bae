/** What every command handler gets besides its request. */
import type { Document } from 'bson';
import type { Store } from '../store/documents.ts';
import type { Client } from './client.ts';
import type { Cursors } from './cursors.ts';
import type { Request } from './request.ts';
import type { TimeLimit } from './time-limit.ts';

/** The credentials of the server. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The open server, for commands. */
export interface Context extends Store {
  readonly cursors: Cursors;
  /** The time limit of the present command; its cursor keeps it. */
  readonly time: TimeLimit;
  /** Milliseconds since 1970; injected for tests. */
  readonly now: () => number;
  readonly startedAt: number;
  readonly dataDir: string;
  /** Required credentials; undefined: none. */
  readonly credentials: Credentials | undefined;
  /** "host:port" the server listens on. */
  readonly address: () => string;
}

/** An answer: a document, or its bytes when it carries raw documents. */
export type Reply = Document | Buffer;

/** Handles one command. */
export type Handler = (request: Request, context: Context, client: Client) => Reply | Promise<Reply>;
