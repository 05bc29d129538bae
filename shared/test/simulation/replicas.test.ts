/** Many replicas of each hop keep the promises, and cost what docs/scaling.md says. */
import { describe, expect, it } from 'vitest';
import { runReplicas, troubles } from './replicas.ts';

const options = { replicas: 3, seconds: 20, rate: 10, seed: 1 } as const;

describe('three replicas of each hop', () => {
  it.each(troubles)('finish every order once, trouble: %s', async (trouble) => {
    const report = await runReplicas({ ...options, trouble });
    expect(report).toMatchObject({ orders: 200, violations: 0 });
    expect(report.quietAfter).toBeLessThan(60);
  });

  it('take nothing from each other while all is well, and ask four times a second each', async () => {
    const report = await runReplicas({ ...options, trouble: 'none' });
    expect(report).toMatchObject({ stolen: 0, takenOver: 0, repeats: 0, calls: 400 });
    expect(report.claims).toBe(report.emptyClaims);
    const perRelay = report.claims / (3 * 2) / options.seconds;
    expect(perRelay).toBeGreaterThan(3);
    expect(perRelay).toBeLessThan(5);
  });

  it('take over from the dead, and from those who stand still for longer than their lease', async () => {
    expect((await runReplicas({ ...options, trouble: 'kills' })).takenOver).toBeGreaterThan(0);
    expect((await runReplicas({ ...options, trouble: 'pauses' })).stolen).toBeGreaterThan(0);
  });

  it('ask in vain at most for every second call of a customer, and five times a second each', async () => {
    const report = await runReplicas({ ...options, trouble: 'away', seconds: 40, rate: 20 });
    const savedUp = 1.1; // spread over the seconds that are counted
    expect(report.relayPerSecond).toBeLessThanOrEqual((0.5 * 20 + 3 * 5) * savedUp);
    expect(report).toMatchObject({ orders: 800, violations: 0 });
    expect(report.caughtUpAfter).toBeLessThan(15);
  });

  it('do the same for the same seed', async () => {
    const again = () => runReplicas({ ...options, trouble: 'pauses', seed: 7 });
    expect(await again()).toEqual(await again());
  });
});
