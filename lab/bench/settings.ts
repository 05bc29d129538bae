/**
 * The settings of one benchmark, from the command line: bounded, so that no run is endless, and on this machine only.
 */
import { parseArgs } from 'node:util';
import { type ArmName, armNames } from './arms.ts';

/** What to measure and how long. */
export interface BenchSettings {
  /** Closed-loop clients of each measurement. 1 to 1024 each, at most 8 of them. @default 1,16,64 */
  readonly clients: readonly number[];
  /** Length of one measurement. 1 to 60. @default 5 */
  readonly seconds: number;
  /** Load before an arm's first measurement in a round, at the largest number of clients. 0 to 30. @default 2 */
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
  /** Profiles the chain instead of comparing. */
  readonly profile: boolean;
}

/** A flag has an illegal value; the message names the flag and its range. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

/**
 * Reads the settings.
 * @throws {FlagError} when a flag is unknown or out of its range.
 */
export function parseBenchSettings(args: readonly string[]): BenchSettings {
  const flags = readFlags(args);
  return {
    clients: toList(flags.clients, 8).map((text) => toNumber('clients', text, 1, 1024)),
    seconds: toNumber('seconds', flags.seconds, 1, 60),
    warmup: toNumber('warmup', flags.warmup, 0, 30),
    rounds: toNumber('rounds', flags.rounds, 1, 20),
    seed: toNumber('seed', flags.seed, 0, 2 ** 31),
    arms: toList(flags.arms, armNames.length).map(toArm),
    mongo: flags.mongo === undefined ? undefined : toLoopback(flags.mongo),
    json: flags.json,
    profile: flags.profile,
  };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        clients: { type: 'string', default: '1,16,64' },
        seconds: { type: 'string', default: '5' },
        warmup: { type: 'string', default: '2' },
        rounds: { type: 'string', default: '3' },
        seed: { type: 'string', default: '1' },
        arms: { type: 'string', default: 'chain,original,floor' },
        mongo: { type: 'string' },
        json: { type: 'string' },
        profile: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new FlagError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function toList(text: string, longest: number): string[] {
  const words = [...new Set(text.split(',').map((word) => word.trim()))];
  if (words.length <= longest) return words;
  throw new FlagError(`"${text}" has ${words.length} values; at most ${longest} are legal.`);
}

function toNumber(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new FlagError(`--${flag} ${text} is not legal: it must be a whole number from ${min} to ${max}.`);
}

function toArm(word: string): ArmName {
  const arm = armNames.find((name) => name === word);
  if (arm !== undefined) return arm;
  throw new FlagError(`--arms knows ${armNames.join(', ')}, not "${word}".`);
}

/** The load would be a nuisance to a database that others use. */
function toLoopback(url: string): string {
  if (/^mongodb:\/\/([^@/]*@)?(127\.0\.0\.1|localhost|\[::1\])(:\d+)?([/?]|$)/.test(url)) return url;
  throw new FlagError(
    `--mongo ${url} is not legal: it must be a mongodb:// URL of one server on this machine.`,
  );
}
