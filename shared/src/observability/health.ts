/**
 * Whether a service is alive, and whether it should get traffic.
 *
 * An open breaker does not make a service unready: it still accepts and keeps documents.
 */
import type { Database } from '../store/database.ts';

/** The phase of a service. */
export type Phase = 'starting' | 'serving' | 'stopping';

/** The answer of `/readyz`. */
export interface Readiness {
  readonly ready: boolean;
  readonly phase: Phase;
  /** `ok`, or why the database cannot be used. */
  readonly database: string;
  /** The fault that holds it unready, in a sentence. */
  readonly fault?: string | undefined;
}

/** The state behind `/livez` and `/readyz`. */
export interface Health {
  /** Counts one request that was finished after its caller had disconnected. */
  readonly countLateWork: () => void;
  readonly lateWork: () => number;
  readonly phase: () => Phase;
  readonly enter: (phase: Phase) => void;
  readonly readiness: () => Promise<Readiness>;
}

/** Creates the health of a service in the phase `starting`; `fault` says which fault makes it unready, if any. */
export function createHealth(
  database: Pick<Database, 'ping'>,
  fault: () => string | undefined = () => undefined,
): Health {
  let phase: Phase = 'starting';
  let lateWork = 0;
  let pinging: Promise<string | undefined> | undefined;
  return {
    countLateWork() {
      lateWork += 1;
    },
    lateWork: () => lateWork,
    phase: () => phase,
    enter(next) {
      phase = next;
    },
    async readiness() {
      const away = await pingOnce();
      const held = fault();
      return {
        ready: phase === 'serving' && away === undefined && held === undefined,
        phase,
        database: away ?? 'ok',
        ...(held === undefined ? {} : { fault: held }),
      };
    },
  };

  /** Concurrent calls share one ping, so that health checks cannot load the database. */
  function pingOnce(): Promise<string | undefined> {
    pinging ??= database
      .ping()
      .then(
        () => undefined,
        (error: Error) => error.message,
      )
      .finally(() => {
        pinging = undefined;
      });
    return pinging;
  }
}
