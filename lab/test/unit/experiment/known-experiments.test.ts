/** The experiments that come with the project: each is legal, short, and does in virtual time what it says. */
import { describe, expect, it } from 'vitest';
import { listExperiments, readExperiment } from '../../../experiment/read-experiment.ts';
import { runExperiment } from '../../../experiment/run.ts';

/** Processes start and warm up, and the last answers come. */
const spareSeconds = 15;

const names = listExperiments();

describe('the experiments that come with it', () => {
  it('are six, and a good canary beside the bad one', () => {
    expect(names).toEqual([
      'breaker',
      'bulkhead',
      'canary',
      'canary-good',
      'deadline',
      'fallback',
      'retry-storm',
    ]);
  });

  it.each(names)('%s says what it shows, and takes less than three minutes', async (name) => {
    const { shows, seconds, repeats } = await readExperiment(name);
    expect(shows).toMatch(/\.$/);
    expect(repeats * (seconds + spareSeconds)).toBeLessThan(180);
  });

  it.each([
    ['breaker', 'better'],
    ['retry-storm', 'better'],
    ['deadline', 'better'],
    ['bulkhead', 'better'],
    ['canary', 'worse'],
    ['canary-good', 'better'],
  ])('%s comes out %s in the model', async (name, verdict) => {
    const { judgement } = await runExperiment(await readExperiment(name), { system: 'model' });
    expect(judgement.verdict, judgement.sentence).toBe(verdict);
  });
});

describe('a name that is none', () => {
  it('is answered with the nearest one', async () => {
    await expect(readExperiment('braeker')).rejects.toThrow(
      'no known experiment "braeker". Did you mean breaker?',
    );
  });

  it('or with all of them', async () => {
    await expect(readExperiment('xyz')).rejects.toThrow('The known ones are breaker, bulkhead,');
  });
});
