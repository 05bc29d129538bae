/** The options of `npm run compare`: the ranges are those of the lab's API. */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import { toggle, wholeNumber, word } from '@holdfast/shared/core/command-options.ts';
import { seedOption } from '../options/seed.ts';
import {
  type ComparisonSettings,
  comparisonFaults,
  comparisonRanges,
  comparisonSubjects,
  usualComparison as usual,
} from '../server/comparison.ts';

/** How to call it. */
export const compareCommand = {
  name: 'npm run compare',
  does:
    'Runs the same orders and the same fault on two chains side by side, with and without a breaker or a retry budget, and ' +
    'says what the difference is.',
  options: {
    what: word(comparisonSubjects, { value: 'WHAT', fallback: usual.what, about: 'what one chain lacks' }),
    fault: word(comparisonFaults, {
      value: 'FAULT',
      fallback: usual.fault,
      about: 'how a service is broken',
    }),
    rate: wholeNumber({
      ...{ ...comparisonRanges.ratePerSecond, fallback: usual.ratePerSecond },
      about: 'orders a second for each chain, on average',
    }),
    seconds: wholeNumber({
      ...{ ...comparisonRanges.seconds, fallback: usual.seconds },
      about: 'how long orders arrive',
    }),
    seed: seedOption('decides when they arrive', usual.seed),
    json: toggle('prints the whole report as JSON'),
  },
  example: 'npm run compare -- --fault hang --rate 20',
  notes:
    'It starts two databases and every service twice, up to 1 GB in all, which end with it. Exit code 0: compared, whatever the verdict. 1: an ' +
    'order was lost or doubled. 2: it could not be run. docs/with-and-without.md says how to read it.',
} satisfies Command;

/** What a command line asks for. */
export interface CompareArguments {
  readonly settings: ComparisonSettings;
  readonly isJson: boolean;
}

/**
 * Reads the arguments.
 * @throws {UsageError} when an option is not legal.
 */
export function readCompareArguments(args: readonly string[]): CompareArguments {
  const { what, fault, rate, seconds, seed, json } = parseCommandLine(compareCommand, args).values;
  return { settings: { what, fault, ratePerSecond: rate, seconds, seed }, isJson: json };
}
