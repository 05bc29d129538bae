/** docs/experiments.md says what the code knows, and its example can be run. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withTables } from '../../../experiment/describe.ts';
import { listMembers } from '../../../experiment/known-members.ts';
import { parseExperiment } from '../../../experiment/parse-experiment.ts';
import { listExperiments } from '../../../experiment/read-experiment.ts';
import { runExperiment } from '../../../experiment/run.ts';

const page = readFileSync(new URL('../../../../docs/experiments.md', import.meta.url), 'utf8');

describe('docs/experiments.md', () => {
  it('has the tables of members and measures as the code has them (npm run reference writes them)', () => {
    expect(page).toBe(withTables(page));
    expect(withTables(page)).toContain('`hypothesis.atMost`');
    expect(withTables(page)).toContain('`failedAfter`');
  });

  it('gives every member of a file a meaning', () => {
    expect(listMembers().filter(({ about }) => about === '')).toEqual([]);
    expect(listMembers().map(({ place }) => place)).toEqual([
      ...new Set(listMembers().map(({ place }) => place)),
    ]);
  });

  it('shows every experiment that comes with the project', () => {
    expect(listExperiments().filter((name) => !page.includes(`npm run experiment -- ${name}\``))).toEqual([]);
  });

  it('has an example that is legal, and holds in the model', async () => {
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    const { judgement } = await runExperiment(parseExperiment(JSON.parse(example)), { system: 'model' });
    expect(judgement.verdict, judgement.sentence).toBe('better');
  });
});
