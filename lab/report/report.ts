/**
 * What a run has to tell, as a plain value: the same for a page to share and for JSON.
 *
 * Texts may come from strangers (ids, error messages); to-html.ts escapes them, bounded.ts limits them.
 */

/** The whole report. */
export interface Report {
  readonly title: string;
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
  /** One sentence; `isGood` is `null` where nothing was judged. */
  readonly verdict: { readonly text: string; readonly isGood: boolean | null };
  /** What became of the orders, most important first; empty where none were counted. */
  readonly ledger: readonly Fact[];
  readonly settings: readonly Fact[];
  readonly versions: readonly Fact[];
  readonly tables: readonly ReportTable[];
  readonly charts: readonly Chart[];
  /** Pictures that are no charts over time; they come first. */
  readonly figures?: readonly Figure[];
  /** The oldest first. */
  readonly events: readonly ReportEvent[];
}

/** A name and its value. */
export interface Fact {
  readonly name: string;
  readonly value: string | number | boolean;
}

/** A table with a title above and a sentence below. */
export interface ReportTable {
  readonly title: string;
  readonly note?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A picture; its `svg` comes from a function in figures/, which escapes what strangers wrote. */
export interface Figure {
  readonly title: string;
  readonly svg: string;
  readonly note?: string;
}

/** Lines over one time axis. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly ChartLine[];
  readonly spans: readonly Span[];
}

/** A line; a gap where a value is `null`. Points are sorted by time. */
export interface ChartLine {
  readonly name: string;
  readonly points: readonly Point[];
}

/** Milliseconds since 1970, and the value then. */
export type Point = readonly [at: number, value: number | null];

/** A time that is marked on a chart. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly tone: 'open' | 'half-open' | 'fault' | 'other';
}

/** Something that happened. */
export interface ReportEvent {
  readonly at: number;
  readonly who: string;
  readonly text: string;
  readonly level: 'bad' | 'good' | 'info';
}
