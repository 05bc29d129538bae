/**
 * The results that `npm run tune` left in the lab's folder: one file for each hop, the newest run of it.
 *
 * Files are not trusted: one that is not a result is left out, and a long one is not read.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TuneResult } from '../tune/result.ts';
import { isRecord } from './is-record.ts';
import type { TunesAnswer } from './policy-trial.ts';

/** Finds results. */
export interface TuneResults {
  /** The newest first. */
  list(): Promise<TunesAnswer>;
  /** The result of a hop, if there is one. */
  find(hop: string): Promise<TuneResult | undefined>;
}

/** Larger files are none of ours. */
const maxBytes = 5_000_000;
const maxFiles = 64;

/** Reads results below the lab's folder; empty: there is none. */
export function createTuneResults(folder: string): TuneResults {
  const unavailable =
    folder === '' ? 'This lab has no LAB_DATA_DIR, in which npm run tune leaves its result.' : null;

  return {
    async list() {
      const tunes = (await readAll()).map(({ hop, at, source, why, sentence, command, best }) => ({
        ...{ hop, at, source, why, sentence, command },
        best: best.map(({ policy, costs }) => ({ policy, costs })),
      }));
      return { tunes, unavailable };
    },
    find: async (hop) => (await readAll()).find((result) => result.hop === hop),
  };

  async function readAll(): Promise<TuneResult[]> {
    if (folder === '') return [];
    const place = join(folder, 'tune');
    const names = await readdir(place).catch(() => []);
    const files = names.filter((name) => name.endsWith('.json')).slice(0, maxFiles);
    const results = await Promise.all(files.map((name) => readOne(join(place, name))));
    return results.filter((result) => result !== undefined).sort((a, b) => b.at - a.at);
  }
}

async function readOne(file: string): Promise<TuneResult | undefined> {
  try {
    if ((await stat(file)).size > maxBytes) return undefined;
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isResult(value) ? value : undefined;
  } catch {
    return undefined; // gone, or being written
  }
}

function isResult(value: unknown): value is TuneResult {
  if (!isRecord(value) || typeof value.hop !== 'string' || typeof value.at !== 'number') return false;
  if (!isRecord(value.why) || typeof value.command !== 'string' || typeof value.sentence !== 'string')
    return false;
  return Array.isArray(value.best) && value.best.every((one) => isRecord(one) && isRecord(one.policy));
}
