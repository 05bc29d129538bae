/** The rows of a story: what each one says, and how one is made. */

/** What a row tells, in the sequence in which rows of one moment are told. */
export const ranks = {
  meanwhile: 0,
  came: 1,
  kept: 2,
  charge: 3,
  lease: 4,
  attempt: 5,
  unsent: 6,
  wait: 7,
  money: 8,
  end: 9,
  answer: 10,
} as const;

/** The kind of a row. */
export type RowKind = keyof typeof ranks;

/** The colour of a row; the words say the same. */
export type Tone = 'good' | 'bad' | 'wait' | 'undone' | 'quiet';

/** One row. */
export interface Row {
  readonly key: string;
  readonly kind: RowKind;
  readonly at: number;
  /** When it ended; `null` for a moment. */
  readonly endAt: number | null;
  /** A service, `customer`, or of what happened meanwhile its service. */
  readonly service: string;
  /** The place of the service in the chain; -1 for the customer. */
  readonly level: number;
  /** The instance that did it, where that is known. */
  readonly instance: string | null;
  readonly tone: Tone;
  /** What happened; its subject is the service. */
  readonly text: string;
  /** Why, in a sentence of a service. */
  readonly detail: string | null;
}

/** Makes a row of one service. */
export type RowOf = (
  kind: RowKind,
  at: number,
  parts: Omit<Row, 'kind' | 'at' | 'service' | 'level' | 'key'>,
) => Row;

/** Creates the function that makes rows of a service. */
export function toRowOf(service: string, level: number): RowOf {
  return (kind, at, parts) => ({
    key: `${service} ${kind} ${at} ${parts.text}`,
    kind,
    at,
    service,
    level,
    ...parts,
  });
}
