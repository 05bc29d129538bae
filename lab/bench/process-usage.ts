/**
 * Reads what a process uses, processor time and memory, on Linux only.
 *
 * On a shared machine, time per order varies less than orders per second.
 */
import { readFile } from 'node:fs/promises';

/** Linux reports in hundredths of a second, independent of the kernel's clock (USER_HZ, proc(5)). */
const tickMs = 10;

/** Gives the milliseconds of a process in user and system mode; `NaN` when it cannot be read. */
export async function readCpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the name in brackets and may hold spaces; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Gives the megabytes of a process that are in memory; `NaN` when it cannot be read. */
export async function readResidentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
