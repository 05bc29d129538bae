/** The options of `npm run advise`: the numbers of a service, each in its unit. */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import { type Option, toggle, UsageError, wholeNumber } from '@holdfast/shared/core/command-options.ts';
import { durationOption } from '../options/duration.ts';
import { type ServiceNumbers, toInFlight, toMeanMs } from './numbers.ts';

/** How to call it. */
export const adviseCommand = {
  name: 'npm run advise',
  does:
    'From the numbers of a service to the settings of its caller: each setting with its reason, as environment and as code, and ' +
    'what the simulation says of them in four faults, beside the defaults.',
  options: {
    rate: number('calls a second to the neighbour in a busy minute, all replicas of the caller together', {
      ...{ form: /^\d{1,5}(\.\d{1,2})?$/, min: 0.1, max: 5000, range: 'a number from 0.1 to 5000' },
    }),
    p99: durationOption({
      about: 'the time in which the neighbour answers 99 of 100 calls on a good day',
      most: '10m',
    }),
    deadline: durationOption({ about: 'how long whoever waits for the caller waits in all', most: '10m' }),
    p50: durationOption({
      about: 'the time in which it answers half of the calls; without it a third of p99',
      most: '10m',
    }),
    instances: wholeNumber({ min: 1, max: 100, fallback: 1, about: 'instances of the neighbour' }),
    callers: wholeNumber({ min: 1, max: 1000, fallback: 1, about: 'replicas of the caller' }),
    workers: wholeNumber({
      ...{ min: 1, max: 10_000 },
      about: 'calls that one instance works on at once; for the simulation only',
    }),
    errors: number('share of answers that are failures on a good day, such as 2%', {
      ...{
        form: /^\d{1,2}(\.\d{1,2})?%$/,
        min: 0,
        max: 99,
        range: 'a percentage from 0% to 99%',
        fallback: '0%',
      },
    }),
    confirm: toggle('tries two of the faults on real processes besides; two minutes'),
    json: toggle('prints the settings as JSON and simulates nothing'),
  },
  example: 'npm run advise -- --rate 80 --p50 40ms --p99 120ms --deadline 2s --instances 2',
  notes:
    'The rules and the measurements behind them are in docs/choosing-settings.md. Exit code 0: advised. 2: the numbers are not ' +
    'legal, or --confirm could not be run.',
} satisfies Command;

/** What a command line asks for. */
export interface AdviseArguments {
  readonly numbers: ServiceNumbers;
  readonly isJson: boolean;
  readonly isConfirmed: boolean;
}

/**
 * Reads the arguments.
 * @throws {UsageError} with a sentence for each mistake.
 */
export function readAdviseArguments(args: readonly string[]): AdviseArguments {
  const { values } = parseCommandLine(adviseCommand, args);
  const { rate, p99, deadline, p50, instances, callers, workers, errors, confirm, json } = values;
  const missing = Object.entries({ rate, p99, deadline }).filter(([, value]) => value === undefined);
  if (rate === undefined || p99 === undefined || deadline === undefined)
    throw new UsageError(
      missing.map(([name]) => `--${name} is missing, as in ${adviseCommand.example}.`).join('\n'),
    );
  const numbers: ServiceNumbers = {
    ...{ ratePerSecond: rate, p50Ms: p50 ?? p99 / 3, p99Ms: p99, deadlineMs: Math.round(deadline) },
    ...{ instances, callers, workers: workers ?? null, errorRatio: (errors ?? 0) / 100 },
  };
  const contradictions = toContradictions(numbers);
  if (contradictions.length > 0) throw new UsageError(contradictions.join('\n'));
  return { numbers, isJson: json, isConfirmed: confirm };
}

function toContradictions(numbers: ServiceNumbers): string[] {
  const { ratePerSecond, p50Ms, p99Ms, deadlineMs, instances, workers } = numbers;
  const busy = toInFlight(ratePerSecond, toMeanMs(numbers));
  return [
    ...(p50Ms > p99Ms
      ? [`--p50 ${p50Ms}ms is above --p99 ${p99Ms}ms: half of the calls cannot be slower than 99 of 100.`]
      : []),
    ...(deadlineMs <= p99Ms
      ? [
          `--deadline ${deadlineMs}ms is not above --p99 ${p99Ms}ms: calls would fail on a good day, whatever the settings.`,
        ]
      : []),
    ...(deadlineMs < 100
      ? [`--deadline ${deadlineMs}ms is below 100ms, the shortest that a service takes.`]
      : []),
    ...(p50Ms <= p99Ms && workers !== null && busy >= workers * instances
      ? [
          `--workers ${workers} × --instances ${instances} is fewer than the ${busy.toFixed(1)} calls that are worked on at once at this rate: the neighbour is overloaded on a good day.`,
        ]
      : []),
  ];
}

function number(
  about: string,
  {
    form,
    min,
    max,
    range,
    fallback,
  }: { form: RegExp; min: number; max: number; range: string; fallback?: string },
): Option<number | undefined> {
  return {
    ...{ value: 'N', about: `${about}; ${range}`, range, ...(fallback === undefined ? {} : { fallback }) },
    read(given) {
      const text = given.at(-1) ?? fallback;
      if (text === undefined) return undefined;
      const value = form.test(text) ? Number.parseFloat(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      throw new UsageError(`${text} is not legal: it must be ${range}.`);
    },
  };
}
