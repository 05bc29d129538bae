/**
 * The lines of the lab's files: one JSON value each, samples as rows without names.
 *
 * Whatever is in a file, reading it answers what is good in it and counts the rest.
 */
import { stateNames } from '@holdfast/shared/resilience/breaker-words.ts';
import { isRecord } from './is-record.ts';
import type { EarlierLife } from './lab-events.ts';
import { breakerFields, customerFields } from './sample-columns.ts';
import { type LabEntry, type LabSample, labKinds } from './wire.ts';

/** What is written. */
export type HistoryLine =
  | { readonly sample: LabSample }
  /** `from` is the id that a service gave to its event. */
  | { readonly entry: LabEntry; readonly from?: string }
  | { readonly traffic: NonNullable<EarlierLife['traffic']> }
  | { readonly end: number };

/** What was read. */
export interface ReadLines {
  readonly samples: readonly LabSample[];
  readonly entries: readonly LabEntry[];
  /** By address: the id of the last event that was heard of it. */
  readonly lastIds: ReadonlyMap<string, string>;
  readonly traffic: EarlierLife['traffic'];
  /** The newest time in it; 0 without any. */
  readonly lastAt: number;
  /** Lines that are none of these. */
  readonly bad: number;
}

/** The first line of each file. */
export const header = '{"holdfast":"history of the lab","format":1}\n';

/** Makes one line. */
export function toLine(line: HistoryLine): string {
  return `${JSON.stringify('sample' in line ? { sample: toRow(line.sample) } : line)}\n`;
}

/** Reads the lines of all files, the oldest first; samples and events before `from` are left out. */
export function readLines(texts: readonly string[], { from, to }: { from: number; to: number }): ReadLines {
  const samples: LabSample[] = [];
  const entries: LabEntry[] = [];
  const lastIds = new Map<string, string>();
  let traffic: EarlierLife['traffic'];
  let lastAt = 0;
  let bad = 0;
  const isKept = (at: number) => at > from && at <= to;

  for (const line of texts.flatMap((text) => text.split('\n'))) {
    if (line === '' || line === header.trimEnd()) continue;
    const read = parse(line);
    if (read === undefined) bad += 1;
    else if ('sample' in read) {
      if (isKept(read.sample.at) && read.sample.at > (samples.at(-1)?.at ?? 0)) samples.push(read.sample);
      lastAt = read.sample.at;
    } else if ('entry' in read) {
      if (isKept(read.entry.at)) entries.push(read.entry);
      if (read.from !== undefined && 'url' in read.entry) lastIds.set(read.entry.url, read.from);
    } else if ('traffic' in read) traffic = read.traffic;
    else lastAt = Math.max(lastAt, read.end);
  }
  return { samples, entries, lastIds, traffic, lastAt: Math.min(lastAt, to), bad };
}

function toRow({ at, breakers, customers, pending }: LabSample): unknown[] {
  const rows = Object.entries(breakers).map(([key, sample]) => [key, breakerFields.map((of) => sample[of])]);
  return [at, Object.fromEntries(rows), customerFields.map((of) => customers[of]), pending];
}

function parse(line: string): HistoryLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (!isRecord(value)) return undefined;
    if (Array.isArray(value.sample)) return parseSample(value.sample);
    if (isEntry(value.entry)) {
      const from = typeof value.from === 'string' ? { from: value.from } : {};
      return { entry: value.entry, ...from };
    }
    if (typeof value.end === 'number') return { end: value.end };
    const { traffic } = value;
    if (!isRecord(traffic) || typeof traffic.ratePerSecond !== 'number') return undefined;
    return { traffic: { on: traffic.on === true, ratePerSecond: traffic.ratePerSecond } };
  } catch {
    return undefined; // torn: the process died while it was written, or the disk was full
  }
}

function parseSample([at, breakers, customers, pending]: unknown[]): HistoryLine | undefined {
  if (typeof at !== 'number' || !isRecord(breakers) || !isRecord(pending)) return undefined;
  const rows = Object.entries(breakers).map(([key, row]) => [key, toFields(breakerFields, row)] as const);
  const answered = toFields(customerFields, customers);
  const isWhole = rows.every(([, row]) => row !== undefined) && answered !== undefined;
  if (!isWhole || !Object.values(pending).every((count) => typeof count === 'number')) return undefined;
  return {
    sample: {
      at,
      breakers: Object.fromEntries(rows),
      customers: answered,
      pending,
    } as unknown as LabSample,
  };
}

/** A row as an object: a number or, for latencies, null in every place; a state in that of the state. */
function toFields(fields: readonly string[], row: unknown): Record<string, unknown> | undefined {
  if (!Array.isArray(row) || row.length !== fields.length) return undefined;
  const isFine = row.every((value, index) =>
    fields[index] === 'state'
      ? Object.hasOwn(stateNames, value)
      : typeof value === 'number' || (value === null && fields[index]?.endsWith('Ms')),
  );
  return isFine ? Object.fromEntries(fields.map((field, index) => [field, row[index]])) : undefined;
}

/** What every event has, and what the page reads of each kind. */
function isEntry(value: unknown): value is LabEntry {
  if (!isRecord(value) || typeof value.at !== 'number') return false;
  const { event } = value;
  const has = (...names: string[]) => names.every((name) => typeof value[name] === 'string');
  const hasState = (...names: string[]) => names.every((name) => Object.hasOwn(stateNames, `${value[name]}`));
  if (!has('id', 'origin', 'service', 'instance', 'line')) return false;
  if (labKinds.some((kind) => kind === event)) return has('text');
  if (!has('url')) return false;
  if (event === 'transition') return has('name', 'why') && hasState('from', 'to');
  if (event === 'rejections' || event === 'configured') return has('name', 'text') && hasState('state');
  if (event === 'policy') return has('name', 'text');
  return event === 'fault' && has('text', 'change') && isRecord(value.fault);
}
