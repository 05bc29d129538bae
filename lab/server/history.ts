/**
 * What the lab keeps of the last 30 minutes, and the answer of `GET /api/history`.
 *
 * The answer is made once for all pages that ask before something new is known, and compressed outside of the event
 * loop.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { EntryRing } from './entry-ring.ts';
import { keptMs } from './kept.ts';
import { toSampleColumns } from './sample-columns.ts';
import type { LabSample } from './wire.ts';

/** The samples of the lab. */
export interface History {
  add(sample: LabSample): void;
  /** The oldest first. */
  samples(): readonly LabSample[];
  /** A `LabHistory` as JSON, also compressed. */
  answer(now: number): Promise<{ readonly json: Buffer; readonly gzipped: Buffer }>;
}

const compress = promisify(gzip);

/** Creates a history; `restored` are samples of an earlier life of the lab, the oldest first. */
export function createHistory(ring: EntryRing, restored: readonly LabSample[] = []): History {
  let samples: readonly LabSample[] = restored;
  let made: { readonly of: string; readonly answer: ReturnType<History['answer']> } | undefined;

  return {
    add(sample) {
      samples = [...samples.filter(({ at }) => at > sample.at - keptMs && at < sample.at), sample];
    },
    samples: () => samples,
    answer(now) {
      const of = `${samples.at(-1)?.at} ${ring.lastId()}`;
      if (made?.of !== of) made = { of, answer: make(now) };
      return made.answer;
    },
  };

  async function make(now: number) {
    const columns = JSON.stringify(toSampleColumns(samples));
    const entries = ring.all().map(({ text }) => text);
    const json = Buffer.from(`{"at":${Math.round(now)},"samples":${columns},"entries":[${entries}]}`);
    return { json, gzipped: await compress(json, { level: 3 }) };
  }
}
