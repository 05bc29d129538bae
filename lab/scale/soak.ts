/**
 * A steady load for minutes: memory and latency of each minute, and whether they stay flat. That no order is lost
 * meanwhile is proven by `npm run chaos -- --soak`.
 */
import { type Cost, measureCost } from '../bench/cost.ts';
import { drawTable, toCell } from '../measure/draw-table.ts';
import { judgeDrift } from './drift.ts';
import { startLongChain } from './long-chain.ts';
import { type Memory, watchMemory } from './memory.ts';
import { costHead, type PartOptions, type PartResult, toCostCells } from './part.ts';

const clients = 64;
/** A climb over the whole soak that is within what a pause of the machine, or a page of a heap, makes. */
const ignoredMs = 5;
const ignoredMb = 10;

/** Measures minute by minute at a fixed rate. */
export async function measureSoak({ settings, database, say }: PartOptions): Promise<PartResult> {
  const { rate, minutes } = settings;
  const name = `scale_soak_${process.pid}`;
  const hops = await startLongChain(database.urlOf(name));
  const measured: (Cost & Memory & { readonly minute: number })[] = [];
  for (let minute = 1; minute <= minutes; minute += 1) {
    say(`minute ${minute} of ${minutes}`);
    const watched = watchMemory(hops, database);
    const cost = await measureCost({ hops, database }, { clients, seconds: 60, rate });
    measured.push({ minute, ...cost, ...toMinute(await watched.stop()) });
  }
  await hops.stop();
  await database.drop(name);

  const services = hops.hops.map((hop) => hop.name);
  const drift = (what: string, values: readonly (number | undefined)[], ignored: number) => ({
    what,
    ...judgeDrift(
      values.map((value) => value ?? Number.NaN),
      ignored,
    ),
  });
  const drifts = [
    ...(['p50Ms', 'p99Ms'] as const).map((what) =>
      drift(
        what.replace('Ms', ' ms'),
        measured.map((minute) => minute[what]),
        ignoredMs,
      ),
    ),
    ...(['residentMb', 'heapMb'] as const).flatMap((what) =>
      services.map((service) =>
        drift(
          `${service} ${what === 'heapMb' ? 'heap' : 'RSS'}`,
          measured.map((minute) => minute[what][service]),
          ignoredMb,
        ),
      ),
    ),
  ];
  return {
    title: `A soak of ${minutes} minutes, ${clients} connections, ${rate} orders a second; most RSS and least heap of each minute in megabytes`,
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

/** A heap in use is a saw: what is left after a collection is what counts. */
function toMinute(samples: readonly Memory[]): Memory {
  const fold = (of: 'residentMb' | 'heapMb', pick: (...values: number[]) => number) =>
    Object.fromEntries(
      Object.keys(samples[0]?.[of] ?? {}).map((part) => [
        part,
        pick(...samples.map((sample) => sample[of][part] ?? Number.NaN)),
      ]),
    );
  return { residentMb: fold('residentMb', Math.max), heapMb: fold('heapMb', Math.min) };
}
