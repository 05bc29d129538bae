/** The report of a chaos run, and whether there were enough disruptions and orders for a result. */
import type { ChaosResult } from './run.ts';

/** The result as lines. */
export function toChaosLines(result: ChaosResult): string[] {
  const { disruptions, audit } = result;
  return [
    `seed ${result.seed}, ${result.seconds} s`,
    `orders      ${result.orders} sent, ${result.acknowledged} acknowledged, ${audit.completed} completed, ${audit.cancelled} cancelled, ${audit.pending} pending`,
    `answers     ${list(Object.fromEntries([...result.answers].sort(([a], [b]) => a - b)))} (0: none)`,
    `kills       ${sum(disruptions.kills)} (${list(disruptions.kills)})`,
    `pauses      ${sum(disruptions.pauses)} (${list(disruptions.pauses)})`,
    `faults      ${sum(result.faults)} (${list(result.faults)})`,
    `throughput  ${result.throughput.toFixed(1)} orders ended a second while it lasted, all ended ${result.drainSeconds.toFixed(1)} s after`,
    `violations  ${result.violations.length}`,
    ...result.violations.slice(0, 20).map((violation) => `  ${violation}`),
    ...(result.logs === undefined ? [] : [`logs        ${result.logs}`]),
  ];
}

/** Reasons why a run is inconclusive, in sentences; empty when it is conclusive. */
export function findWeaknesses({ seconds, acknowledged, audit, disruptions, faults }: ChaosResult): string[] {
  const demands: [string, number, number][] = [
    ['orders were acknowledged', acknowledged, seconds * 3],
    ['orders were completed', audit.completed, seconds * 2],
    ['orders were cancelled', audit.cancelled, seconds / 4],
    ['processes were killed', sum(disruptions.kills), seconds / 5],
    ['messages went astray', sum(faults), seconds / 2],
  ];
  return demands.flatMap(([what, is, least]) =>
    is >= least ? [] : [`Only ${is} ${what}; under ${Math.ceil(least)} a run means nothing.`],
  );
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
