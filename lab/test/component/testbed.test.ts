/** The testbed with its real processes, as short as a run can be. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import { policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import { describe, expect, it } from 'vitest';
import { startChild } from '../../processes/child.ts';
import { runOnTestbed } from '../../testbed/run.ts';
import { wellScenario as scenario } from '../support/testbed-scenarios.ts';

const policy = policyDefaults;
/** From the middle of the run to its end, far from any call, so that a busy machine may be late. */
const broken: Scenario = {
  ...scenario,
  seconds: 4,
  load: { atMs: Array.from({ length: 40 }, (_, index) => index * 10 + (index < 10 ? 0 : 2300)) },
  faults: [{ type: 'down', fromMs: 1800, forMs: 5000 }],
};
const without = { ...policy, breaker: null, attempts: 3, budget: null };

describe('a run on real processes', () => {
  it('counts every call and attempt, of every arm', async () => {
    const seconds: number[] = [];
    const runs = await runOnTestbed(
      [
        { name: 'well', policy, scenario },
        { name: 'down', policy, scenario: broken },
        { name: 'retrying', policy: without, scenario: broken },
        { name: 'fallback', policy, scenario: broken, fallback: true },
      ],
      { onProgress: (second) => seconds.push(second) },
    );
    const [well, down, retrying, fallback] = runs.map(({ outcome }) => outcome);
    expect(runs.map(({ name }) => name)).toEqual(['well', 'down', 'retrying', 'fallback']);
    expect(well).toMatchObject({ calls: 40, good: 40, failed: 0, sent: 40, wasted: 0, opened: 0 });
    expect(well?.p50Ms).toBeGreaterThanOrEqual(24);
    expect(down).toMatchObject({ calls: 40, good: 10, failed: 30, opened: 1, recoveredAfterMs: null });
    expect(down?.perSecond.map(({ state }) => state)).toEqual(['closed', 'closed', 'open', 'open']);
    expect(down?.rejected).toBeGreaterThan(0);
    expect(retrying).toMatchObject({ good: 10, failed: 30, rejected: 0, sent: 100, wasted: 90, opened: 0 });
    expect(fallback).toMatchObject({ good: 40, failed: 0 });
    expect(seconds).toContain(1);
    expect(processesOf(process.pid)).toEqual([]);
  });

  it('ends with nothing left when it is aborted', async () => {
    const abort = new AbortController();
    const run = runOnTestbed([{ name: 'one', policy, scenario: { ...scenario, seconds: 60 } }], {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(run).rejects.toThrow('abort');
    expect(processesOf(process.pid)).toEqual([]);
  });

  it('fails with a sentence when one of its processes ends by itself', async () => {
    let isKilled = false;
    const run = runOnTestbed([{ name: 'one', policy, scenario: { ...scenario, seconds: 60 } }], {
      onProgress() {
        const [neighbour] = processesOf(process.pid).filter(({ args }) => args.includes('neighbour.ts'));
        if (!isKilled && neighbour !== undefined) process.kill(neighbour.pid, 'SIGKILL');
        isKilled = true;
      },
    });
    await expect(run).rejects.toThrow('A process of the testbed ended with SIGKILL');
    expect(processesOf(process.pid)).toEqual([]);
  });

  it('ends with the process that runs it, though that be killed', async () => {
    const script = fileURLToPath(new URL('../support/testbed-process.ts', import.meta.url));
    const runner = startChild({ command: process.execPath, args: [script], env: environmentWith({}) });
    await runner.says('running');
    const pids = processesOf(runner.pid).map(({ pid }) => pid);
    expect(pids).toHaveLength(2);
    runner.signal('SIGKILL');
    await runner.ended;
    await expect.poll(() => pids.filter(isRunning)).toEqual([]);
  });
});

/** The testbed's processes that a process has started and that still run. */
function processesOf(parent: number): { readonly pid: number; readonly args: string }[] {
  const lines = execFileSync('ps', ['-Ao', 'pid=,ppid=,stat=,args=']).toString().split('\n');
  return lines.flatMap((line) => {
    const [, pid, ppid, stat, args] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    const isOurs = Number(ppid) === parent && args?.includes('/testbed/') && !stat?.startsWith('Z');
    return isOurs ? [{ pid: Number(pid), args: args ?? '' }] : [];
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
