/** The state of a connected client. Types only. */
/** A login that has begun. */
export interface Login {
  readonly first: string;
  readonly challenge: string;
  readonly key: Buffer;
  readonly isShort: boolean;
}

/** The client of a command. */
export interface Client {
  readonly id: number;
  readonly address: string;
  /** It has logged in. */
  isAuthenticated: boolean;
  /** A login that has begun. */
  login: Login | undefined;
  /** False once the connection is gone. */
  isOpen: boolean;
  /** The cursor its last command opened: freed when the client disconnects before it has the reply. */
  cursor: bigint | undefined;
}
