/** The load of the machine, to be written beside what is measured on it. */
import { loadavg } from 'node:os';

/** The load averages of the last 1, 5 and 15 minutes, as `uptime` writes them. */
export function toMachineLoad(averages: readonly number[] = loadavg()): string {
  return averages.map((average) => average.toFixed(2)).join(' ');
}
