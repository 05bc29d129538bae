/**
 * Whether a service is alive, and whether it should get traffic: two questions, two answers.
 *
 * An open breaker never makes a service unready: the service still keeps documents, which is its first duty.
 */
import type { Database } from '../store/database.ts';

/** A service's way through life. */
export type Phase = 'starting' | 'serving' | 'stopping';

/** What `/readyz` says. */
export interface Readiness {
  readonly ready: boolean;
  readonly phase: Phase;
  /** `ok`, or why the database cannot be used. */
  readonly database: string;
  /** The fault that holds it unready, in a sentence. */
  readonly fault?: string | undefined;
}

/** The state behind the probes. */
export interface Health {
  /** Counts one request that was finished after its caller had left. */
  readonly countLateWork: () => void;
  readonly lateWork: () => number;
  readonly phase: () => Phase;
  readonly enter: (phase: Phase) => void;
  readonly readiness: () => Promise<Readiness>;
}

/** Creates the probes of a service that begins as `starting`; `fault` says which fault holds it unready, if any. */
export function createHealth(
  database: Pick<Database, 'ping'>,
  fault: () => string | undefined = () => undefined,
): Health {
  let phase: Phase = 'starting';
  let lateWork = 0;
  let asking: Promise<string | undefined> | undefined;
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
      const away = await askOnce();
      const held = fault();
      return {
        ready: phase === 'serving' && away === undefined && held === undefined,
        phase,
        database: away ?? 'ok',
        ...(held === undefined ? {} : { fault: held }),
      };
    },
  };

  /** Whoever asks while somebody else does gets the same answer, so that asking cannot load the database. */
  function askOnce(): Promise<string | undefined> {
    asking ??= database
      .ping()
      .then(
        () => undefined,
        (error: Error) => error.message,
      )
      .finally(() => {
        asking = undefined;
      });
    return asking;
  }
}
