/** The options of `npm run metastable`. */
import { existsSync, statSync } from 'node:fs';
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import { type Option, toggle, UsageError, wholeNumber } from '@holdfast/shared/core/command-options.ts';
import { durationOption } from '../options/duration.ts';
import { faultsOption, placeFaults } from '../options/fault.ts';
import { seedOption } from '../options/seed.ts';
import { reportOption } from '../report/report-file.ts';
import type { MetastableSettings } from './plan.ts';

/** When a fault begins that names no moment, in milliseconds. */
const beginMs = 6000;
const afterSeconds = 20;
const usualFaults = faultsOption.read(['slow:3x:8s']);

const picturesOption: Option<string | undefined> = {
  value: 'FOLDER',
  range: 'a folder that exists',
  about: 'where to write the pictures as SVG files',
  read(given) {
    const folder = given.at(-1);
    if (folder === undefined || (existsSync(folder) && statSync(folder).isDirectory())) return folder;
    throw new UsageError(`${folder} is not legal: it must be a folder that exists.`);
  },
};

/** How to call it. */
export const metastableCommand = {
  name: 'npm run metastable',
  does:
    'Shows a failure that stays after its cause is gone, from where it comes back and what saves it: in a model, and ' +
    'then on real processes.',
  options: {
    rate: wholeNumber({ min: 1, max: 500, fallback: 80, about: 'calls a second' }),
    workers: wholeNumber({
      min: 1,
      max: 200,
      fallback: 10,
      about: 'calls that the neighbour works on at once',
    }),
    service: durationOption({
      ...{ most: '500ms', fallback: '100ms' },
      about: 'how long a worker is busy with a call',
    }),
    fault: { ...faultsOption, fallback: 'slow:3x:8s@6s' },
    seed: seedOption('decides when calls come', 1),
    quick: toggle('only the model, which takes seconds'),
    report: reportOption,
    pictures: picturesOption,
  },
  example: 'npm run metastable -- --report metastable.html',
  notes:
    'Exit code 0: shown. 1: contradicted, there is no collapse or nothing saves from it. 2: this machine is too busy for a ' +
    'verdict. 3: it could not be run. docs/metastable.md explains what is seen.',
} satisfies Command;

/** What a command line asks for. */
export interface MetastableArguments {
  readonly settings: MetastableSettings;
  readonly isQuick: boolean;
  readonly report: string | undefined;
  readonly pictures: string | undefined;
}

/**
 * Reads the arguments.
 * @throws {UsageError} when an option is not legal.
 */
export function readMetastableArguments(args: readonly string[]): MetastableArguments {
  const { values } = parseCommandLine(metastableCommand, args);
  const { rate, workers, service: serviceMs, seed, quick, report, pictures } = values;
  const given = values.fault.length === 0 ? usualFaults : values.fault;
  const begun = given.map((fault) => ({ ...fault, fromMs: fault.fromMs ?? beginMs }));
  // Their ends decide how long the run is.
  const faults = placeFaults(begun, { seconds: 3600, instances: 1 });
  const settings = {
    ...{ ratePerSecond: rate, workers, serviceMs, faults, afterSeconds, seed },
  };
  const seconds = faults.reduce((most, { fromMs, forMs }) => Math.max(most, (fromMs + forMs) / 1000), 0);
  if (seconds > mostFaultSeconds)
    throw new UsageError(
      `--fault ends after ${seconds} s: it must end within ${mostFaultSeconds} s, since each run waits for it.`,
    );
  const capacity = Math.round((workers * 1000) / serviceMs);
  if (rate >= capacity)
    throw new UsageError(
      `--rate ${rate} is not legal: ${workers} workers × ${serviceMs} ms can do ${capacity} calls a second, so it is overloaded without any fault.`,
    );
  return { settings, isQuick: quick, report, pictures };
}

const mostFaultSeconds = 30;
