/** What an order costs in a longer chain, as a whole and for each hop. */
import { measureCost, toTotalCpuMs } from '../bench/cost.ts';
import { measure } from '../bench/measure.ts';
import { drawTable, toCell } from '../measure/draw-table.ts';
import { startLongChain } from './long-chain.ts';
import { costHead, type PartOptions, type PartResult, toCostCells } from './part.ts';

/** Measures at each length of the chain, in fresh processes and an empty database. */
export async function measureHops({ settings, database, say }: PartOptions): Promise<PartResult> {
  const { clients, seconds, warmup } = settings;
  const measured = [];
  for (const length of settings.hops) {
    say(`${length} hops`);
    const name = `scale_hops_${process.pid}_${length}`;
    const hops = await startLongChain(database.urlOf(name), length);
    if (warmup > 0) await measure(hops.url, { clients, seconds: warmup });
    measured.push({ length, ...(await measureCost({ hops, database }, { clients, seconds })) });
    await hops.stop();
    await database.drop(name);
  }
  return {
    title: `The length of the chain, at ${clients} clients`,
    text: drawTable(
      ['hops', ...costHead, 'CPU ms/hop', 'p50 ms/hop', 'of CPU database', 'load'],
      measured.map((cost) => [
        `${cost.length}`,
        ...toCostCells(cost),
        toCell(toTotalCpuMs(cost) / cost.length),
        toCell(cost.p50Ms / cost.length),
        toCell(cost.cpuMs.database),
        toCell(cost.cpuMs.load),
      ]),
    ),
    measured,
  };
}
