/**
 * A steady load for minutes: memory and latency of each minute, and whether they stay flat. That no order is lost
 * meanwhile is proven by `npm run chaos -- --soak`.
 */
import { type Cost, measureCost } from '../bench/cost.ts';
import { drawTable, toCell } from '../measure/draw-table.ts';
import { judgeDrift } from './drift.ts';
import { startLongChain } from './long-chain.ts';
import { type Memory, readMemory } from './memory.ts';
import { costHead, type PartOptions, type PartResult, toCostCells } from './part.ts';

const clients = 64;

/** Measures minute by minute at a fixed rate. */
export async function measureSoak({ settings, database, say }: PartOptions): Promise<PartResult> {
  const { rate, minutes } = settings;
  const name = `scale_soak_${process.pid}`;
  const hops = await startLongChain(database.urlOf(name));
  const measured: (Cost & Memory & { readonly minute: number })[] = [];
  for (let minute = 1; minute <= minutes; minute += 1) {
    say(`minute ${minute} of ${minutes}`);
    const cost = await measureCost({ hops, database }, { clients, seconds: 60, rate });
    measured.push({ minute, ...cost, ...(await readMemory(hops, database)) });
  }
  await hops.stop();
  await database.drop(name);

  const services = hops.hops.map((hop) => hop.name);
  const series = {
    'p50 ms': measured.map(({ p50Ms }) => p50Ms),
    'p99 ms': measured.map(({ p99Ms }) => p99Ms),
    ...Object.fromEntries(
      services.flatMap((service) => [
        [`${service} RSS`, measured.map(({ residentMb }) => residentMb[service] ?? Number.NaN)],
        [`${service} heap`, measured.map(({ heapMb }) => heapMb[service] ?? Number.NaN)],
      ]),
    ),
  };
  const drifts = Object.entries(series).map(([what, values]) => ({ what, ...judgeDrift(values) }));
  return {
    title: `A soak of ${minutes} minutes, ${clients} connections, ${rate} orders a second; megabytes at the end of each minute`,
    text: [
      drawTable(
        [
          'minute',
          ...costHead,
          ...[...services, 'database'].map((part) => `${part} RSS`),
          ...services.map((service) => `${service} heap`),
        ],
        measured.map(({ residentMb, heapMb, ...cost }) => [
          `${cost.minute}`,
          ...toCostCells(cost),
          ...[...Object.values(residentMb), ...Object.values(heapMb)].map((mb) => mb.toFixed(0)),
        ]),
      ),
      drawTable(
        ['', 'median', 'slope a minute', ''],
        drifts.map(({ what, middle, perStep, isFlat }) => [
          what,
          toCell(middle),
          toCell(perStep),
          isFlat ? 'flat' : 'grows',
        ]),
      ),
    ].join('\n\n'),
    measured,
  };
}
