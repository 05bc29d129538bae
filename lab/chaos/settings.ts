/**
 * The options of `npm run chaos`: which of its four runs, for how long, and how many orders.
 *
 * An option that the chosen run does not have is a mistake: a run without it would prove something else.
 */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import { toggle, UsageError, wholeNumber, word } from '@holdfast/shared/core/command-options.ts';
import { seedOption } from '../options/seed.ts';
import { reportOption } from '../report/report-file.ts';
import { type SlowPart, slowParts } from './overload.ts';
import { type ConnectionKind, connectionKinds } from './wire-client.ts';

/** What to run. */
export interface ChaosPlan {
  readonly kind: 'kills' | 'slow-database' | 'overload' | 'soak';
  readonly seconds: number;
  readonly seed: number;
  /** New orders a second; an overload finds its own. */
  readonly rate: number;
  readonly slow: SlowPart;
  readonly connections: ConnectionKind;
  /** Where the report is written. */
  readonly report: string | undefined;
}

/** How to call it. */
export const chaosCommand = {
  name: 'npm run chaos',
  does:
    'Starts a chain of its own, kills and cuts its parts at random while customers order, and proves that no order is lost ' +
    'or doubled.',
  options: {
    'slow-database': toggle('delays the database instead'),
    overload: toggle('sends ten times what the chain can carry instead'),
    slow: word(slowParts, {
      ...{ value: 'PART', fallback: undefined },
      about: 'what is slow during an --overload, nobody without it',
    }),
    connections: word(connectionKinds, {
      ...{ value: 'KIND', fallback: undefined },
      about: 'whether an --overload uses connections again, kept without it',
    }),
    soak: toggle('looks for growth of memory and handles instead'),
    seconds: wholeNumber({
      ...{ min: 1, max: 86_400 },
      about: 'length of the run: 60 by default, 8 with --overload, 300 with --soak',
    }),
    seed: seedOption('decides what happens when', 1),
    rate: wholeNumber({
      ...{ min: 1, max: 500 },
      about: 'orders a second: 40 by default, 5 with --slow-database; an --overload finds its own',
    }),
    report: reportOption,
  },
  example: 'npm run chaos -- --seconds 30 --seed 7',
  notes:
    'Exit code 1: a promise was broken, or too little happened to mean anything. 2: it could not be run.',
} satisfies Command;

const kinds = ['slow-database', 'overload', 'soak'] as const;
const usualSeconds = { kills: 60, 'slow-database': 60, overload: 8, soak: 300 } as const;

/**
 * Reads the options.
 * @throws {UsageError} with a sentence for each that is not legal, or that the run would ignore.
 */
export function readChaosPlan(args: readonly string[]): ChaosPlan {
  const { values } = parseCommandLine(chaosCommand, args);
  const [kind = 'kills', other] = kinds.filter((one) => values[one]);
  const overloadOnly = (['slow', 'connections'] as const).filter((name) => values[name] !== undefined);
  const mistakes = [
    ...(other === undefined ? [] : [`--${kind} and --${other} are two runs: choose one.`]),
    ...(kind === 'overload'
      ? []
      : overloadOnly.map((name) => `--${name} needs --overload: the other runs do not have it.`)),
    ...(kind === 'overload' && values.rate !== undefined
      ? ['--rate and --overload do not go together: an overload sends ten times what the chain can carry.']
      : []),
  ];
  if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'));
  const { seed, slow = 'nobody', connections = 'kept', report } = values;
  return {
    ...{ kind, seed, slow, connections, report },
    seconds: values.seconds ?? usualSeconds[kind],
    rate: values.rate ?? (kind === 'slow-database' ? 5 : 40),
  };
}
