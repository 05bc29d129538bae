/** What an order costs: each process by itself, the load apart. */
import { describe, expect, it } from 'vitest';
import { partsOf, toShares, toTotalCpuMs } from '../../../bench/cost.ts';

describe('the processor time of an order', () => {
  it('is what each process took since the load began, divided by the orders', () => {
    const before = { order: 1000, database: 500, load: 0 };
    const after = { order: 1400, database: 600, load: 50 };
    expect(toShares(before, after, 200)).toEqual({ order: 2, database: 0.5, load: 0.25 });
  });

  it('is not known of a process that cannot be read', () => {
    expect(toShares({ database: Number.NaN }, { database: Number.NaN }, 10).database).toBeNaN();
  });

  it('is that of all processes together without the load', () => {
    expect(toTotalCpuMs({ cpuMs: { order: 1, lab: 0.5, database: 0.25, load: 9 } })).toBe(1.75);
  });

  it('is listed with the services first, whoever has more of them', () => {
    const short = { cpuMs: { order: 1, database: 1, load: 1 } };
    const watched = { cpuMs: { order: 1, lab: 1, database: 1, load: 1 } };
    expect(partsOf([short, watched])).toEqual(['order', 'lab', 'database', 'load']);
  });
});
