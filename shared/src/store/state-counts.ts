/**
 * Counts documents by state within a range of time, through the index {state, at, _id}: each in one look, so that no
 * document is counted in two states.
 */
import { type Model, trusted } from 'mongoose';
import { type HopRecord, type State, states } from '../delivery/record.ts';
import type { Database } from './database.ts';

/** How many documents are in each state. */
export type StateCounts = Readonly<Record<State, number>>;

/** A range of the time at which documents were stored; open where an end is absent. */
export interface TimeRange {
  /** Included. */
  readonly from?: Date | undefined;
  /** Excluded. */
  readonly to?: Date | undefined;
}

/** Counts the documents of one collection. */
export interface StateCounter {
  /** Counts at most `limit` documents of a range, in whatever states. */
  countStates(range: TimeRange, limit: number): Promise<StateCounts>;
  /** Counts the dead documents that were stored before a time. */
  countDead(before: Date): Promise<number>;
  /** When the oldest document in one of these states was stored; `undefined` without any. */
  oldestIn(among: readonly State[]): Promise<Date | undefined>;
}

/** No document in any state. */
export const noDocuments: StateCounts = Object.freeze(
  Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>,
);

/** Creates the counter of a collection. */
export function createStateCounter(
  { bounded, timeLimits }: Pick<Database, 'bounded' | 'timeLimits'>,
  model: Model<HopRecord>,
): StateCounter {
  return {
    countStates: ({ from, to }, limit) =>
      bounded(false, async () => {
        const at = {
          ...(from === undefined ? {} : { $gte: from }),
          ...(to === undefined ? {} : { $lt: to }),
        };
        const found = await model.aggregate<{ _id: State; count: number }>(
          [
            { $match: { state: { $in: [...states] }, ...(Object.keys(at).length === 0 ? {} : { at }) } },
            { $limit: limit },
            { $group: { _id: '$state', count: { $sum: 1 } } },
          ],
          { maxTimeMS: timeLimits.serverMs },
        );
        return { ...noDocuments, ...Object.fromEntries(found.map(({ _id, count }) => [_id, count])) };
      }),
    countDead: (before) =>
      bounded(false, () => model.countDocuments({ state: 'dead', at: trusted({ $lt: before }) })),
    oldestIn: (among) =>
      bounded(false, async () => {
        const oldest = await Promise.all(
          among.map((state) => model.findOne({ state }, { at: 1 }).sort({ at: 1 }).lean()),
        );
        const times = oldest.flatMap((found) => (found === null ? [] : [found.at.getTime()]));
        return times.length === 0 ? undefined : new Date(Math.min(...times));
      }),
  };
}
