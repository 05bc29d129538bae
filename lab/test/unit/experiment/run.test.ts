/** How an experiment is run: turns, seeds, what becomes of its runs. The arms are made up, or run in virtual time. */
import { policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { describe, expect, it } from 'vitest';
import { toSummary } from '../../../experiment/draw.ts';
import { parseExperiment } from '../../../experiment/parse-experiment.ts';
import { toSelfTest } from '../../../experiment/plan.ts';
import { type ExperimentOptions, runExperiment } from '../../../experiment/run.ts';
import type { Experiment } from '../../../experiment/schema.ts';
import { toReport } from '../../../experiment/to-report.ts';
import { toHtml } from '../../../report/to-html.ts';
import type { TestbedArm } from '../../../testbed/run.ts';

const experiment: Experiment = {
  title: 'A neighbour that fails now and then',
  hypothesis: { measure: 'failed', of: 'experiment', atMost: 0.5, times: 'control' },
  load: { ratePerSecond: 20 },
  seconds: 4,
  policy: { attempts: 1, breaker: null },
  arms: { control: { neighbour: { errorRatio: 0.4 } }, experiment: { neighbour: { errorRatio: 0.05 } } },
};
const plan = parseExperiment(experiment);

/** Runs it in virtual time as if on processes, and keeps what was run. */
async function run(options: ExperimentOptions & { readonly lateMs?: number } = {}, which = plan) {
  const { lateMs = 1, ...rest } = options;
  const turns: (readonly TestbedArm[])[] = [];
  const result = await runExperiment(which, {
    runArms: async (arms) => {
      turns.push(arms);
      return arms.map(({ name, policy, scenario }) => ({
        name,
        lateMs,
        outcome: simulate(policy, scenario),
      }));
    },
    ...rest,
    measureCpu: () => 1,
  });
  return { turns, result };
}

describe('an experiment', () => {
  it('runs all arms of a repeat at once, with the same seed, which differs from repeat to repeat', async () => {
    const { turns } = await run({ together: true });
    const seeds = turns.map((arms) => arms.map(({ scenario }) => scenario.seed));
    expect(seeds.every(([one, other]) => one === other)).toBe(true);
    expect(new Set(seeds.flat()).size).toBe(5);
  });

  it('or one after the other, in an order that is shuffled', async () => {
    const { turns } = await run({ together: false });
    expect(turns.map((arms) => arms.length)).toEqual(Array.from({ length: 10 }, () => 1));
    const first = turns.filter((_, index) => index % 2 === 0).map(([arm]) => arm?.name);
    expect(new Set(first).size).toBe(2);
  });

  it('is the same for the same seed', async () => {
    const [a, b] = [await run(), await run()];
    expect(b.result.judgement).toEqual(a.result.judgement);
    expect(b.result.runs).toEqual(a.result.runs);
    const other = await run({}, { ...plan, seed: 2 });
    expect(other.result.runs).not.toEqual(a.result.runs);
  });

  it('says whether its hypothesis held, and shows the measures', async () => {
    const { result } = await run();
    expect(result.judgement.verdict).toBe('better');
    expect(result.falseAlarmRatio).toBeLessThanOrEqual(0.1);
    const failed = result.measures.find(({ name }) => name === 'failed');
    expect(failed?.values.control).toHaveLength(5);
    expect(failed?.difference?.high).toBeLessThan(0);
    expect(result.measures.map(({ name }) => name)).not.toContain('failedAfter');
    expect(toSummary(result)).toMatch(/\| failed share +\| [\d.]+ % +\| [\d.]+ % +\| −[\d.]+ \(/);
  });

  it('gives no verdict on a machine that sends calls late', async () => {
    const { result } = await run({ lateMs: 500 });
    expect(result.judgement.verdict).toBe('inconclusive');
    expect(result.judgement.sentence).toContain('too busy');
  });

  it('is broken where the arms are the same', async () => {
    const same = parseExperiment({
      ...experiment,
      arms: { control: {}, experiment: {} },
      neighbour: { errorRatio: 0.3 },
    });
    expect((await run({}, same)).result.judgement.verdict).toBe('worse');
  });

  it('says once a second how far it is', async () => {
    const said: string[] = [];
    await run({
      onProgress: ({ repeat, arms, second }) => said.push(`${repeat} ${arms.toSorted().join()} ${second}`),
      together: true,
    });
    expect(said).toEqual([1, 2, 3, 4, 5].map((repeat) => `${repeat} control,experiment 0`));
  });

  it('ends when it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(run({ signal })).rejects.toThrow('enough');
  });

  it('knows in virtual time whether a call had a fallback, and says that it does not', async () => {
    const withFallback = parseExperiment({
      ...experiment,
      arms: { control: {}, experiment: { fallback: true } },
    });
    await expect(runExperiment(withFallback, { system: 'model' })).rejects.toThrow('has a fallback');
  });
});

describe('a control against itself', () => {
  it('is run twice, and says what was called different', async () => {
    const twice = toSelfTest(plan);
    expect(twice.arms.map(({ name, scenario }) => [name, scenario.neighbour.errorRatio])).toEqual([
      ['control', 0.4],
      ['control again', 0.4],
    ]);
    const { result } = await run({ isSelfTest: true }, twice);
    expect(result.judgement).toMatchObject({
      verdict: 'better',
      hypothesis: 'control does not differ from itself in failed share',
    });
    expect(result.judgement.sentence).toMatch(
      /^No false alarm: control against itself in 5 pairs; of \d+ measures none was called different\./,
    );
  });

  it('is called a false alarm where the two differ', async () => {
    const twice = toSelfTest(plan);
    const [control, again] = twice.arms;
    if (control === undefined || again === undefined) throw new TypeError('two arms');
    const worse = { ...again, policy: { ...policyDefaults, attemptTimeoutMs: 1 } };
    const { result } = await run({ isSelfTest: true }, { ...twice, arms: [control, worse] });
    expect(result.judgement.verdict).toBe('worse');
    expect(result.judgement.sentence).toContain('False alarm: control against itself');
  });
});

describe('its report', () => {
  it('is one page with the verdict, the intervals, and the command that makes it again', async () => {
    const { result } = await run();
    const html = toHtml(toReport(result, 'npm run experiment -- x.json'));
    expect(html).toContain('Held: the failed share of experiment');
    expect(html).toContain('npm run experiment -- x.json');
    expect(html).toContain('experiment minus control: mean and 95 % interval');
    expect(html).not.toContain('<script');
  });
});
