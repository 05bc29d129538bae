/**
 * Whether this machine is too busy for a verdict: what others do on it is then larger than what is measured.
 *
 * The load average is only told, not judged: it lags by a minute, and counts the measured processes, too.
 */
import { availableParallelism } from 'node:os';
import { toMachineLoad } from './machine-load.ts';

/** What tells that it is busy. */
export interface BusySigns {
  /** The 99 % quantile of how late calls were sent, in milliseconds, one for each run. */
  readonly lateMs: readonly number[];
  /** From `measureCpuShare`, while nothing of ours runs; one for each time. */
  readonly cpuShares?: readonly number[];
  /** @default that of this machine now */
  readonly load?: string;
}

/** Calls that were sent later than this are no load from the intended time any more. */
const mostLateMs = 100;
/** With less of a core than this, every latency is that of the queue for it. */
const leastShare = 0.25;
/** Share of the runs in which it may be busy: one hiccup of a machine spoils no experiment. */
const mostBusyRatio = 0.2;
const probeMs = 100;

/** One sentence that says why no verdict can be given; `null` where one can. */
export function toBusy({ lateMs, cpuShares = [], load = toMachineLoad() }: BusySigns): string | null {
  const late = lateMs.filter((ms) => ms > mostLateMs);
  const starved = cpuShares.filter((share) => share < leastShare);
  const isTooMany = (some: readonly number[], all: readonly number[]) =>
    some.length > mostBusyRatio * all.length;
  const said = [
    ...(isTooMany(late, lateMs)
      ? [
          `in ${late.length} of ${lateMs.length} runs calls were sent up to ${Math.round(Math.max(...late))} ms late`,
        ]
      : []),
    ...(isTooMany(starved, cpuShares)
      ? [`others left as little as ${Math.round(100 * Math.min(...starved))} % of a core to a new process`]
      : []),
  ];
  if (said.length === 0) return null;
  return `This machine is too busy for a verdict: ${said.join(', and ')} (load ${load} on ${availableParallelism()} cores).`;
}

/** The share of one core that this process gets, 0 to 1, found by working for a tenth of a second. */
export function measureCpuShare(): number {
  const begin = performance.now();
  const before = process.cpuUsage();
  while (performance.now() - begin < probeMs);
  const { user, system } = process.cpuUsage(before);
  return Math.min(1, (user + system) / 1000 / (performance.now() - begin));
}
