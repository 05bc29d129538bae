/** A comparison on real processes, short: what must hold whatever the machine is busy with. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { serviceNames } from '../../../chain.ts';
import { runProcess } from '../../../e2e/run-process.ts';
import type { ComparedChain } from '../../compare/chain.ts';
import { runComparison } from '../../compare/run.ts';
import { type ComparisonReport, usualComparison } from '../../server/comparison.ts';

const allTime = 240_000;

it(
  'in real time: with a breaker fewer calls are wasted, as the services count them, and nothing is lost in either',
  async () => {
    const phases: ComparisonReport['phase'][] = [];
    let metrics: Count[] = [];
    const report = await runComparison(
      { ...usualComparison, fault: 'down', ratePerSecond: 15, seconds: 10 },
      {
        onProgress: ({ phase }) => void phases.push(phase),
        onSettled: async (chains) => {
          metrics = await Promise.all(chains.map(countInMetrics));
        },
      },
    );
    const [withBreaker, bypassed] = report.arms;
    expect(withBreaker?.calls.wasted).toBeGreaterThan(0);
    expect(withBreaker?.calls.wasted).toBeLessThan(bypassed?.calls.wasted ?? 0);
    expect(withBreaker?.calls.rejected).toBeGreaterThan(0);
    expect(bypassed?.calls.rejected).toBe(0);

    for (const [index, arm] of report.arms.entries()) {
      expect(arm.audit).toMatchObject({ lost: 0, doubled: 0, findings: [] });
      const orders = Object.values(arm.answers).reduce((sum, count) => sum + count, 0);
      expect(arm.before.orders + arm.during.orders + arm.after.orders).toBe(orders);
      expect(arm.points.reduce((sum, { wasted }) => sum + wasted, 0)).toBe(arm.calls.wasted);
      // What a busy machine leaves pending is sent again after the count.
      if (arm.settledAtMs === null) continue;
      expect(metrics[index]).toEqual({
        wasted: arm.callsBefore.wasted + arm.calls.wasted,
        rejected: arm.callsBefore.rejected + arm.calls.rejected,
      });
    }
    expect(new Set(phases)).toEqual(new Set(['starting', 'running', 'settling', 'done']));
    expect(report.verdict?.sentence).toContain(`${withBreaker?.calls.wasted} calls were wasted instead of`);
    expect(foldersOfThis()).toEqual([]);
  },
  allTime,
);

it(
  'in real time: chains that cannot run at once take turns, and nothing is lost',
  async () => {
    const report = await runComparison(
      { ...usualComparison, fault: 'down', ratePerSecond: 10, seconds: 6 },
      { together: false },
    );
    expect(report).toMatchObject({ together: false, phase: 'done', broken: serviceNames.at(-1) });
    expect(report.arms.map(({ audit }) => [audit?.lost, audit?.doubled])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  },
  allTime,
);

it(
  'in real time: npm run compare prints the report, in which a retry budget wastes no more calls',
  async () => {
    const args = [
      'lab/compare/main.ts',
      '--what',
      'retry-budget',
      '--fault',
      'down',
      '--seconds',
      '10',
      '--json',
    ];
    const running = runProcess(process.execPath, args);
    expect([await running.ended, running.stderr[0]]).toEqual([
      0,
      expect.stringMatching(
        /^With and without the retry budget: two chains .* payment answers 503 from second 2 to 7 of 10\.$/,
      ),
    ]);
    const report = JSON.parse(running.stdout.join('\n')) as ComparisonReport;
    const [withBudget, without] = report.arms;
    const wasted = [withBudget?.calls.wasted ?? 0, without?.calls.wasted ?? 0] as const;
    // A machine on which orders are sent late says nothing about this.
    expect(report.sendLateMs < 50 && wasted[0] >= wasted[1]).toBe(false);
    expect(report.verdict?.measures.map(({ name }) => name)).toEqual([
      ...['waited', 'wasted', 'in-flight', 'failed', 'pending', 'lost'],
    ]);
  },
  allTime,
);

interface Count {
  readonly wasted: number;
  readonly rejected: number;
}

/** The same counts by the other way: `breaker_calls_total` of every service. */
async function countInMetrics({ urls }: ComparedChain): Promise<Count> {
  const texts = await Promise.all(
    Object.values(urls).map(async (url) => (await fetch(`${url}/metrics`)).text()),
  );
  const sum = (...outcomes: string[]) =>
    texts
      .join('\n')
      .split('\n')
      .filter((line) => line.startsWith('breaker_calls_total{'))
      .filter((line) => outcomes.some((outcome) => line.includes(`outcome="${outcome}"`)))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
  return { wasted: sum('failure', 'timeout'), rejected: sum('rejected', 'saturated') };
}

function foldersOfThis(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`holdfast-compare-${process.pid}-`));
}
