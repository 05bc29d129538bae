/** Who is connected. Types only. */
/** A login that has begun. */
export interface Login {
  readonly first: string;
  readonly challenge: string;
  readonly key: Buffer;
  readonly isShort: boolean;
}

/** Who sent a command. */
export interface Client {
  readonly id: number;
  readonly address: string;
  /** It has logged in. */
  isAuthenticated: boolean;
  /** A login that has begun. */
  login: Login | undefined;
  /** False once the connection is gone. */
  isOpen: boolean;
  /** The cursor its last command opened: freed when the client vanishes before it has the answer. */
  cursor: bigint | undefined;
}
