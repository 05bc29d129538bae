/**
 * The newest steps of documents, for whoever asks for one document later.
 *
 * Most documents are completed at once, and their records say as much as their steps; so the steps of those have a small
 * ring of their own, and push out nothing of the others. Adding costs one assignment; looking goes through all of it.
 */
import type { DocumentStep } from './events.ts';

/** What decides in which ring a step is kept. */
export type StepFacts = Pick<DocumentStep, 'id' | 'status' | 'by' | 'attempts'>;

/** Kept steps. */
export interface KeptSteps<Kept> {
  add(step: StepFacts, kept: Kept): void;
  /** What was kept with the steps of a document, in the sequence in which it came. */
  of(id: string): Kept[];
}

/** Most steps that are kept, of documents that were completed at once and of others. */
export interface StepLimits {
  readonly smooth: number;
  readonly eventful: number;
}

/** Creates rings without steps. */
export function createKeptSteps<Kept>(limits: StepLimits): KeptSteps<Kept> {
  const rings = { smooth: createRing<Kept>(limits.smooth), eventful: createRing<Kept>(limits.eventful) };
  let count = 0;

  return {
    add(step, kept) {
      count += 1;
      rings[isSmooth(step) ? 'smooth' : 'eventful'].add({ id: step.id, number: count, kept });
    },
    of: (id) =>
      [...rings.smooth.of(id), ...rings.eventful.of(id)]
        .sort((a, b) => a.number - b.number)
        .map(({ kept }) => kept),
  };
}

/** Whether a step says that all went well at the first attempt. */
function isSmooth({ status, by, attempts }: StepFacts): boolean {
  return status === 'completed' && by === 'request' && (attempts === undefined || attempts.length < 2);
}

interface Entry<Kept> {
  readonly id: string;
  readonly number: number;
  readonly kept: Kept;
}

function createRing<Kept>(max: number) {
  const entries: Entry<Kept>[] = [];
  let next = 0;
  return {
    add(entry: Entry<Kept>) {
      entries[next] = entry;
      next = (next + 1) % max;
    },
    of: (id: string) => entries.filter((entry) => entry.id === id),
  };
}
