/** The report: medians over rounds, ratios, and the mark on what is not comparable. */
import { describe, expect, it } from 'vitest';
import { chain } from '../../../../chain.ts';
import type { ArmName } from '../../../bench/arms.ts';
import type { DocumentCounts } from '../../../bench/database.ts';
import type { Cell } from '../../../bench/run-rounds.ts';
import { toLines, toLinesTable, toRatiosTable, toStoredTable } from '../../../bench/table.ts';
import { drawTable, type Table } from '../../../measure/draw-table.ts';

function cell(arm: ArmName, round: number, good: number, changes: Partial<Cell> = {}): Cell {
  const failures = { refused: 0, hollow: 0, broken: 0 };
  const cpuMs = { order: 2, payment: 0.5, shipment: 0.5, database: round, load: 0.25 };
  return {
    arm,
    round,
    clients: 64,
    seconds: 2,
    good,
    ...failures,
    cpuMs,
    p50Ms: round,
    p99Ms: 10 * round,
    ...changes,
  };
}

const cells = [
  cell('floor', 1, 4000),
  cell('chain', 1, 2000),
  cell('chain', 2, 2400),
  cell('original', 1, 800, { hollow: 200 }),
  cell('chain', 3, 1000),
];
const arms = ['chain', 'original', 'floor'] as const;
const lines = toLines(cells, arms);

function draw({ head, rows }: Table): string {
  return drawTable(head, rows);
}

describe('the lines', () => {
  it('are medians over rounds, not over requests', () => {
    expect(lines[0]).toEqual({
      arm: 'chain',
      clients: 64,
      ordersPerSecond: 1000,
      range: [500, 1200],
      p50Ms: 2,
      p99Ms: 20,
      totalCpuMs: 5,
      cpuMs: { order: 2, payment: 0.5, shipment: 0.5, database: 2, load: 0.25 },
      refused: 0,
      hollow: 0,
      broken: 0,
      failedRatio: 0,
    });
  });

  it('stand by clients, then in the order of the arms', () => {
    const mixed = toLines([...cells, cell('floor', 1, 10, { clients: 1 })], arms);
    expect(mixed.map(({ clients, arm }) => `${clients} ${arm}`)).toEqual([
      '1 floor',
      '64 chain',
      '64 original',
      '64 floor',
    ]);
  });
});

describe('the tables', () => {
  it('count only orders that went through, and mark an arm that fails too often', () => {
    expect(draw(toLinesTable(lines)).split('\n')).toEqual([
      '| clients | arm      | orders/s | slowest–fastest | p50 ms | p99 ms | CPU ms/order | order | payment | shipment | database | load | failed                   |         |',
      '| ------- | -------- | -------- | --------------- | ------ | ------ | ------------ | ----- | ------- | -------- | -------- | ---- | ------------------------ | ------- |',
      '| 64      | chain    | 1000     | 500–1200        | 2.00   | 20.00  | 5.00         | 2.00  | 0.50    | 0.50     | 2.00     | 0.25 | 0                        |         |',
      '| 64      | original | 400      | 400–400         | 1.00   | 10.00  | 4.00         | 2.00  | 0.50    | 0.50     | 1.00     | 0.25 | 20.00 % (200 hollow 200) | invalid |',
      '| 64      | floor    | 2000     | 2000–2000       | 1.00   | 10.00  | 4.00         | 2.00  | 0.50    | 0.50     | 1.00     | 0.25 | 0                        |         |',
    ]);
  });

  it('compare the chain with each other arm, by orders a second and by processor time for one', () => {
    expect(draw(toRatiosTable(lines)).split('\n')).toEqual([
      '| clients | against original | by CPU         | share of floor | by CPU |',
      '| ------- | ---------------- | -------------- | -------------- | ------ |',
      '| 64      | 2.50 (invalid)   | 1.25 (invalid) | 0.50           | 1.25   |',
    ]);
  });

  it('leave the load out of what an order costs, and take the lab in', () => {
    const [line] = toLines(
      [cell('watched', 1, 10, { cpuMs: { order: 1, lab: 2, database: 4, load: 100 } })],
      ['watched'],
    );
    expect(line?.totalCpuMs).toBe(7);
    expect(draw(toLinesTable(line === undefined ? [] : [line]))).toContain(
      '| order | lab  | database | load   |',
    );
  });

  it('leave a cell empty where an arm has no such process, or its time cannot be read', () => {
    const given = { order: 1, database: Number.NaN, load: 1 };
    const drawn = draw(
      toLinesTable(
        toLines(
          [cell('floor', 1, 10, { cpuMs: given }), cell('watched', 1, 10, { cpuMs: { ...given, lab: 1 } })],
          ['floor', 'watched'],
        ),
      ),
    );
    expect(drawn.split('\n')[2]).toMatch(/\| – {12}\| 1\.00 {2}\| – {4}\| – {8}\| 1\.00 \|/);
  });

  it('leave a round without one good order out of the latencies', () => {
    const dead = cell('original', 2, 0, {
      ...{ hollow: 9, p50Ms: Number.NaN, cpuMs: { order: Number.NaN, database: Number.NaN } },
    });
    const [line] = toLines([cell('original', 1, 100), dead], arms);
    expect(line).toMatchObject({ ordersPerSecond: 25, p50Ms: 1, cpuMs: { database: 1 } });
  });

  it('take one failure in a hundred as still comparable', () => {
    const [line] = toLines([cell('floor', 1, 99, { refused: 1 })], arms);
    expect(line?.failedRatio).toBe(0.01);
    expect(draw(toLinesTable(line === undefined ? [] : [line]))).not.toContain('invalid');
  });

  it('say what each arm left in the database, over all rounds', () => {
    const kept = Object.fromEntries(
      chain.map(({ plural }, index) => [plural, index === 0 ? 11 : 10]),
    ) as DocumentCounts;
    const book = { arm: 'chain', good: 10, ...kept } as const;
    expect(
      draw(
        toStoredTable(
          [
            { round: 1, ...book },
            { round: 2, ...book },
          ],
          ['chain'],
        ),
      ).split('\n')[2],
    ).toMatch(/^\| chain \| 20 {7}\| 22 {10}\| 20 {12}\| 20 {13}\|/);
  });
});
