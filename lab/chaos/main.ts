/**
 * `npm run chaos -- --seconds 60 --seed 1`: proves by violence that no order is lost or doubled.
 * `-- --slow-database` delays the database instead, `-- --overload` sends ten times what it can carry (with `--slow
 * neighbour` or `--slow database` while that is slow), `-- --soak` looks for growth.
 *
 * Exit code 1: a promise was broken, or too little happened to mean anything. Every process it starts ends with it.
 */
import { parseArgs } from 'node:util';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { runOverload, type SlowPart, slowParts } from './overload.ts';
import { findWeaknesses, toChaosLines } from './report.ts';
import { type ChaosResult, runChaos } from './run.ts';
import { runSlowDatabase } from './slow-database.ts';
import { runSoak } from './soak.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

try {
  const { values } = parseArgs({
    options: {
      'slow-database': { type: 'boolean' },
      overload: { type: 'boolean' },
      slow: { type: 'string', default: 'nobody' },
      soak: { type: 'boolean' },
      seconds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      rate: { type: 'string' },
    },
  });
  const usualSeconds = values.overload ? '8' : values.soak ? '300' : '60';
  const seconds = toNumber('seconds', values.seconds ?? usualSeconds, 1, 86_400);
  const seed = toNumber('seed', values.seed, 0, 2 ** 31);
  const rate = toNumber('rate', values.rate ?? (values['slow-database'] ? '5' : '40'), 1, 500);
  if (values.overload) end(await runOverload({ seconds, seed, slow: toSlowPart(values.slow) }));
  else if (values['slow-database']) end(await runSlowDatabase({ seconds, seed, rate }));
  else if (values.soak) end(await runSoak(seconds, seed, rate));
  else endChaos(await runChaos({ seconds, seed, rate }));
} catch (error) {
  complain(`The run could not be made: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

function endChaos(result: ChaosResult): never {
  const weaknesses = findWeaknesses(result);
  announce([...toChaosLines(result), ...weaknesses].join('\n'));
  process.exit(result.violations.length + weaknesses.length === 0 ? 0 : 1);
}

function end(result: { readonly violations: readonly string[] }): never {
  announce(JSON.stringify(result, undefined, 2));
  process.exit(result.violations.length === 0 ? 0 : 1);
}

function toSlowPart(text: string): SlowPart {
  const part = slowParts.find((one) => one === text);
  if (part === undefined)
    throw new RangeError(`--slow must be one of ${slowParts.join(', ')}, not "${text}".`);
  return part;
}

function toNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`--${name} must be a whole number from ${min} to ${max}, not "${text}".`);
}
