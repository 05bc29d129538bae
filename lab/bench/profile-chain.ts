/**
 * Profiles the chain: V8's sampling profiler runs in every process while the chain is under load.
 *
 * Only samples taken between the start and the end of the load count, so that loading modules does not. The clocks
 * agree because V8 stamps its samples with the clock of `process.hrtime`.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceNames } from '../../chain.ts';
import { complain } from '../../shared/src/observability/log.ts';
import { drawTable } from '../measure/draw-table.ts';
import { startArm } from './arms.ts';
import { openDatabase } from './database.ts';
import { measure } from './measure.ts';
import { type CpuProfile, type Shares, toShares } from './profile-shares.ts';
import type { BenchSettings } from './settings.ts';

const shownFunctions = 15;

/** Profiles the chain at the largest number of clients and describes each process. */
export async function profileChain({ clients, seconds, warmup, mongo }: BenchSettings): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-profile-'));
  const flagsOf = (name: string) => ['--cpu-prof', `--cpu-prof-dir=${join(folder, name)}`];
  const most = Math.max(...clients);
  try {
    const database = await openDatabase(mongo, flagsOf('database'));
    const name = `bench_profile_${process.pid}`;
    const chain = await startArm('chain', database.urlOf(name), flagsOf);
    complain(`warming up, then ${seconds} s at ${most} clients`);
    if (warmup > 0) await measure(chain.url, { clients: most, seconds: warmup });
    const from = nowUs();
    const { good } = await measure(chain.url, { clients: most, seconds });
    const to = nowUs();
    await chain.stop();
    await database.drop(name);
    await database.stop();
    const head = `${(good / seconds).toFixed(0)} orders/s at ${most} clients while being profiled.`;
    const names = mongo === undefined ? [...serviceNames, 'database'] : serviceNames;
    const parts = await Promise.all(
      names.map(async (name) => describe(name, toShares(await load(join(folder, name)), { from, to }))),
    );
    return [head, ...parts].join('\n\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function load(folder: string): Promise<CpuProfile> {
  const [file] = await readdir(folder);
  if (file === undefined) throw new Error(`${folder} has no profile: the process did not end by itself`);
  return JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
}

function describe(name: string, { busyRatio, groups, functions }: Shares): string {
  const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`;
  return [
    `### ${name}: busy ${percent(busyRatio)} of the time; shares of its busy time, by where the code is from`,
    drawTable(
      ['from', 'self time'],
      groups.map(({ group, ratio }) => [group, percent(ratio)]),
    ),
    drawTable(
      ['function', 'from', 'self time'],
      functions
        .slice(0, shownFunctions)
        .map(({ name, group, place, ratio }) => [`${name} ${place}`, group, percent(ratio)]),
    ),
  ].join('\n\n');
}

/** The clock of V8's samples, in microseconds. */
function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
