/** The options of `npm run scale`: bounded, so that every run ends. */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import { freeText, numberList, wholeNumber, words } from '@holdfast/shared/core/command-options.ts';
import { chain } from '../../chain.ts';

/** What can be measured. */
export const partNames = ['kept', 'hops', 'connections', 'soak'] as const;

/** How to call it. */
export const scaleCommand = {
  name: 'npm run scale',
  does:
    'Measures what an order costs when much is kept and when the chain is long, the memory with many connections, and ' +
    'whether memory and latency stay flat; on this machine only.',
  options: {
    parts: words(partNames, { value: 'PART,…', about: 'what is measured' }),
    kept: numberList({
      ...{ value: 'N,…', min: 1, max: 5_000_000, most: 5, fallback: [1000, 100_000, 1_000_000] },
      about: 'orders that are kept already',
    }),
    hops: numberList({
      ...{ value: 'N,…', min: chain.length, max: 16, most: 5, fallback: [3, 5, 8] },
      about: 'services in the chain',
    }),
    connections: numberList({
      ...{ value: 'N,…', min: 1, max: 5000, most: 5, fallback: [64, 1000] },
      about: 'open connections of customers',
    }),
    minutes: wholeNumber({ min: 3, max: 240, fallback: 10, about: 'length of the soak' }),
    clients: wholeNumber({ min: 1, max: 256, fallback: 8, about: 'closed-loop clients of kept and hops' }),
    seconds: wholeNumber({ min: 1, max: 60, fallback: 8, about: 'length of a measurement in seconds' }),
    warmup: wholeNumber({ min: 0, max: 30, fallback: 3, about: 'seconds of load before a measurement' }),
    rate: wholeNumber({
      ...{ min: 1, max: 1000, fallback: 100 },
      about: 'orders a second of all connections together, in connections and soak',
    }),
    json: freeText({ value: 'FILE', range: 'a file', about: 'where to write every measurement as JSON' }),
  },
  example: 'npm run scale -- --parts kept,hops --kept 1000,100000',
} satisfies Command;

/** What to measure and how long. */
export type ScaleSettings = ReturnType<typeof parseScaleSettings>;

/**
 * Reads the settings.
 * @throws {UsageError} when an option is unknown or out of its range.
 */
export function parseScaleSettings(args: readonly string[]) {
  return parseCommandLine(scaleCommand, args).values;
}
