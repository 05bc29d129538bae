/**
 * What the conformance cases ask of a circuit breaker, whoever made it.
 *
 * A subject is set up as its own documentation recommends, as near to the same settings as it can come.
 */

/** Settings of a case; a field that is absent stays at the subject's own default. */
export interface SubjectOptions {
  readonly minCalls?: number;
  readonly openMs?: number;
  readonly openFactor?: number;
  readonly probeSuccesses?: number;
  /** Calls that may run at once. */
  readonly capacity?: number;
  /** Attempt timeout; without it no call is ever cut off. */
  readonly timeoutMs?: number;
}

/** Work that a breaker protects. */
export type Work = (signal: AbortSignal) => Promise<unknown>;

/** One breaker under test. */
export interface Subject {
  /** `closed`, `open`, `half_open`, or a state of its own. */
  state(): string;
  run(work: Work): Promise<unknown>;
  /** Share of failures, as the subject itself reads it now; 0 to 1. */
  ratio(): number;
  /** What it told about outcomes so far, by its own names. */
  told(): readonly string[];
  /** Latencies that it keeps; `null` when it keeps none. */
  latencies(): number | null;
  /** What it says about its opening; `null` where it says nothing. */
  opening(): {
    readonly openedAt: number | null;
    readonly probeAt: number | null;
    readonly because: string | null;
  };
  /** Holds it open by hand, for `ttlMs` where it can be told so. */
  holdOpen(ttlMs: number): void;
  /** Lets every call pass; absent where that does not exist. */
  disable?(): void;
  /** Changes the calls needed while it runs; answers what it says about that, absent where it cannot be tried. */
  setMinCalls?(minCalls: number): string;
  /** The options object that the caller gave, as it is after the creation; `before` is its copy. */
  options(): { readonly before: object; readonly after: object };
  stop(): void;
}

/** A kind of breaker: creates subjects, and says which lines do not apply to it and why. */
export interface SubjectKind {
  readonly name: 'adapter' | 'opossum' | 'cockatiel';
  create(options: SubjectOptions): Subject;
  readonly notApplicable: Readonly<Record<number, string>>;
}

/** An outcome that says nothing about the neighbour; every subject is set up to ignore it. */
export class IgnoredError extends Error {}
