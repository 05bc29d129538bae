/** A model with a mistake is found: the histories are worth something. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { breakerHistories, liveBreaker } from './breaker-histories.ts';
import { bulkheadHistories, liveBulkhead } from './bulkhead-histories.ts';
import { callerHistories, liveCaller, retryHistories } from './caller-histories.ts';
import type { ModelParts, Told } from './model-parts.ts';
import { type Mutant, mutants } from './mutants.ts';

const resilience = fileURLToPath(new URL('../../../src/resilience/', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mutants-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each(mutants.map((mutant, index) => ({ ...mutant, index })))(
  'one that $mistake ($file)',
  async ({ index, ...mutant }) => {
    const parts = await copyWith(mutant, join(folder, `${index}`));
    expect(await findsMistake(mutant.histories, parts)).toBe(true);
  },
);

it('but not the model as it is', async () => {
  const parts = await copyWith(null, join(folder, 'as-it-is'));
  for (const histories of ['breaker', 'bulkhead', 'retry', 'caller'] as const)
    expect(await findsMistake(histories, parts, 50)).toBe(false);
});

/** Writes a copy of the model with the mistake in it, and imports that. */
async function copyWith(mutant: Mutant | null, to: string): Promise<ModelParts> {
  mkdirSync(to);
  for (const file of readdirSync(join(resilience, 'model'))) {
    const text = readFileSync(join(resilience, 'model', file), 'utf8');
    const mistaken = file === mutant?.file ? replaceOnce(text, mutant) : text;
    const parent = pathToFileURL(resilience).href;
    writeFileSync(join(to, file), mistaken.replaceAll("from '../", `from '${parent}`));
  }
  const load = (file: string) => import(pathToFileURL(join(to, file)).href);
  const files = ['breaker-model.ts', 'bulkhead-model.ts', 'caller-model.ts', 'virtual-time.ts'];
  return Object.assign({}, ...(await Promise.all(files.map(load))));
}

function replaceOnce(text: string, { from, to, mistake }: Mutant): string {
  expect(text.split(from), `the place for a model that ${mistake}`).toHaveLength(2);
  return text.replace(from, () => to);
}

async function findsMistake(
  histories: Mutant['histories'],
  parts: ModelParts,
  numRuns = 3000,
): Promise<boolean> {
  const check = <History>(
    arbitrary: fc.Arbitrary<History>,
    live: (history: History, model: ModelParts) => Promise<Told>,
  ) =>
    fc.check(
      fc.asyncProperty(arbitrary, async (history) => {
        const { real, model } = await live(history, parts);
        return JSON.stringify(real) === JSON.stringify(model);
      }),
      // Always the same histories: a mistake that is found once is found each time.
      { numRuns, endOnFailure: true, seed: 14 },
    );
  const { failed } = await {
    breaker: () => check(breakerHistories, liveBreaker),
    bulkhead: () => check(bulkheadHistories, liveBulkhead),
    retry: () => check(retryHistories, liveCaller),
    caller: () => check(callerHistories, liveCaller),
  }[histories]();
  return failed;
}
