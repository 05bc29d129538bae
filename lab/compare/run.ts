/**
 * A whole comparison: two chains that differ in one thing get the same orders and the same fault, at the same moment
 * where the machine has two cores, else one after the other.
 *
 * `npm run compare` runs it in its own process, and the lab in one that it starts.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { quantile } from '../measure/statistics.ts';
import type { ComparisonReport, ComparisonSettings } from '../server/comparison.ts';
import { createHttpCalls } from '../server/http-call.ts';
import { type Arm, createArm } from './arm.ts';
import { type ComparedChain, removeLeftFolders, startComparedChain } from './chain.ts';
import { toPlan } from './plan.ts';
import { toVerdict } from './verdict.ts';

/** What may be given beside the settings. */
export interface ComparisonOptions {
  /** Gets the report every second, and at every change of the phase. */
  readonly onProgress?: (report: ComparisonReport) => void;
  /** Called at the end, while both chains still run. */
  readonly onSettled?: (chains: readonly ComparedChain[]) => Promise<void>;
  /** Whether both chains run at the same moment. @default whether there are two cores */
  readonly together?: boolean;
}

const progressMs = 1000;
/** From the last preparation to the first moment. */
const leadMs = 300;
const longestStartMs = 60_000;

/**
 * Runs it; its processes have ended and its folders are removed when it resolves.
 * @throws {Error} when the chains cannot be started; one sentence says why.
 */
export async function runComparison(
  settings: ComparisonSettings,
  { onProgress, onSettled, together = availableParallelism() >= 2 }: ComparisonOptions = {},
): Promise<ComparisonReport> {
  removeLeftFolders();
  const plan = toPlan(settings);
  const calls = createHttpCalls();
  const chains: ComparedChain[] = [];
  const arms = plan.arms.map(({ arm }, index) => createArm(arm, plan, () => chains[index] as ComparedChain));
  const toReport = (isOver = false): ComparisonReport => {
    const report = {
      settings,
      phase: toPhase(arms),
      together,
      broken: plan.broken,
      outage: plan.outage,
      atMs: Math.max(...arms.map(({ atMs }) => atMs)),
      arms: arms.map((arm) => arm.report()),
      sendLateMs: toLate(arms),
      verdict: null,
    };
    return isOver ? { ...report, verdict: toVerdict(report) } : report;
  };
  onProgress?.(toReport());
  const progress = setInterval(() => onProgress?.(toReport()), progressMs);
  try {
    chains.push(...(await startInTime(plan.arms.map((arm) => startComparedChain(arm, calls)))));
    for (const arm of arms) await arm.warmUp();
    if (together) {
      const startAt = performance.now() + leadMs;
      await Promise.all(arms.map((arm) => arm.run(startAt)));
    } else {
      for (const arm of arms) await arm.run(performance.now() + leadMs);
    }
    clearInterval(progress);
    const report = toReport(true);
    onProgress?.(report);
    await onSettled?.(chains);
    return report;
  } finally {
    clearInterval(progress);
    await Promise.all(chains.map((chain) => chain.stop()));
    calls.close();
  }
}

/** Waits for both chains; when one fails or needs too long, whatever started is stopped. */
async function startInTime(starting: readonly Promise<ComparedChain>[]): Promise<ComparedChain[]> {
  const late = new AbortController();
  const tooLate = wait(longestStartMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(
      `The two chains did not start within ${longestStartMs / 1000} s: this machine is too busy now.`,
    );
  });
  try {
    return await Promise.race([Promise.all(starting), tooLate]);
  } catch (error) {
    for (const one of starting)
      void one.then(
        (chain) => chain.stop(),
        () => undefined,
      );
    throw error;
  } finally {
    late.abort();
    tooLate.catch(() => undefined);
  }
}

/** That of the chain that is least far while both run at once; that of the present one while they take turns. */
function toPhase(arms: readonly Arm[]): ComparisonReport['phase'] {
  const phases = arms.map(({ phase }) => phase);
  if (phases.every((phase) => phase === 'done')) return 'done';
  if (phases.every((phase) => phase === 'starting')) return 'starting';
  return phases.includes('running') || phases.includes('starting') ? 'running' : 'settling';
}

function toLate(arms: readonly Arm[]): number {
  const late = Float64Array.from(arms.flatMap(({ lateMs }) => lateMs)).sort();
  return late.length === 0 ? 0 : Math.round(quantile(late, 0.99));
}
