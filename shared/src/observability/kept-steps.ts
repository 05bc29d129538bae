/**
 * The newest steps of documents, for whoever asks for one document later.
 *
 * Most documents are completed at once, and their records say as much as their steps; so the steps of those have a small
 * ring of their own, and push out nothing of the others. Adding costs one assignment; looking goes through all of it.
 */
import type { DocumentStep } from './events.ts';

/** What decides in which ring a step is kept. */
export type StepFacts = Pick<DocumentStep, 'id' | 'parent' | 'status' | 'by' | 'attempts'>;

/** Kept steps. */
export interface KeptSteps<Kept> {
  add(step: StepFacts, kept: Kept): void;
  /** What was kept with the steps of a document, in the sequence in which it came. */
  of(id: string): Kept[];
  /** The same of whatever is a part of a document. */
  ofPartsOf(parent: string): Kept[];
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
  const find = (isWanted: (facts: StepFacts) => boolean) =>
    [...rings.smooth.find(isWanted), ...rings.eventful.find(isWanted)]
      .sort((a, b) => a.number - b.number)
      .map(({ kept }) => kept);

  return {
    add(step, kept) {
      count += 1;
      rings[isSmooth(step) ? 'smooth' : 'eventful'].add({ step, number: count, kept });
    },
    of: (id) => find((step) => step.id === id),
    ofPartsOf: (parent) => find((step) => step.parent === parent),
  };
}

/** Whether a step says that all went well at the first attempt. */
function isSmooth({ status, by, attempts }: StepFacts): boolean {
  return status === 'completed' && by === 'request' && (attempts === undefined || attempts.length < 2);
}

interface Entry<Kept> {
  readonly step: StepFacts;
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
    find: (isWanted: (facts: StepFacts) => boolean) => entries.filter(({ step }) => isWanted(step)),
  };
}
