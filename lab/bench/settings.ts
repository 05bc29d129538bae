/** The options of `npm run bench`: bounded, so that every run ends, and for this machine only. */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import {
  freeText,
  numberList,
  toggle,
  UsageError,
  wholeNumber,
  words,
} from '@holdfast/shared/core/command-options.ts';
import { seedOption } from '../options/seed.ts';
import { reportOption } from '../report/report-file.ts';
import { type ArmName, armNames } from './arms.ts';

/** What to measure and how long. */
export interface BenchSettings {
  /** Closed-loop clients of each measurement. 1 to 1024 each, at most 8 of them. @default 1,8,64 */
  readonly clients: readonly number[];
  /** Orders a second of all clients together; absent: each client orders as soon as it is answered. */
  readonly rate: number | undefined;
  /** Length of one measurement. 1 to 60. @default 5 */
  readonly seconds: number;
  /** Load before an arm's first measurement in a round, at 8 clients at most. 0 to 30. @default 2 */
  readonly warmup: number;
  /** How often every arm is measured. 1 to 20. @default 3 */
  readonly rounds: number;
  /** Decides the order of the arms. @default 1 */
  readonly seed: number;
  readonly arms: readonly ArmName[];
  /** A database on this machine; absent: the embedded one in a temporary folder. */
  readonly mongo: string | undefined;
  /** Where to write every measurement as JSON. */
  readonly json: string | undefined;
  /** Where the report is written. */
  readonly report: string | undefined;
  /** Profiles the chain instead of comparing. */
  readonly profile: boolean;
}

/** How to call it. */
export const benchCommand = {
  name: 'npm run bench',
  does:
    "Measures orders a second and processor time of this chain, of the original's design, of the bare writes and of " +
    'Moleculer, in one run on one database, on this machine only.',
  options: {
    clients: numberList({
      ...{ value: 'N,…', min: 1, max: 1024, most: 8, fallback: [1, 8, 64] },
      about: 'clients of each measurement',
    }),
    rate: wholeNumber({
      ...{ min: 1, max: 5000 },
      about: 'orders a second of all clients together; without it each orders as soon as it is answered',
    }),
    seconds: wholeNumber({ min: 1, max: 60, fallback: 5, about: 'length of one measurement in seconds' }),
    warmup: wholeNumber({
      ...{ min: 0, max: 30, fallback: 2 },
      about: "seconds of load before an arm's first measurement in a round",
    }),
    rounds: wholeNumber({ min: 1, max: 20, fallback: 3, about: 'how often every arm is measured' }),
    seed: seedOption('decides the order of the arms', 1),
    arms: words(armNames, {
      ...{ value: 'ARM,…', fallback: ['chain', 'original', 'floor', 'moleculer'] },
      about: 'what is measured',
    }),
    mongo: freeText({
      value: 'URL',
      // The load would disturb a shared database.
      form: /^mongodb:\/\/([^@/]*@)?(127\.0\.0\.1|localhost|\[::1\])(:\d+)?([/?]|$)/,
      range: 'a mongodb:// URL of one server on this machine',
      about: 'a database on this machine; without it the embedded one in a temporary folder',
    }),
    json: freeText({ value: 'FILE', range: 'a file', about: 'where to write every measurement as JSON' }),
    profile: toggle('profiles the chain instead of comparing'),
    report: reportOption,
  },
  example: 'npm run bench -- --arms chain,floor --clients 16 --seconds 10',
} satisfies Command;

/**
 * Reads the settings.
 * @throws {UsageError} when an option is unknown or out of its range.
 */
export function parseBenchSettings(args: readonly string[]): BenchSettings {
  const { values } = parseCommandLine(benchCommand, args);
  if (values.profile && values.report !== undefined)
    throw new UsageError('--report and --profile do not go together: a profile is text on the terminal.');
  return values;
}
