/** The laboratory on the page: best settings on live traffic, applied, and why a setting is what it is. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Policy } from '../../../shared/src/resilience/model/policy.ts';
import type { ExperimentsAnswer } from '../../server/experiment.ts';
import type { TrialStatus } from '../../server/policy-trial.ts';
import { violations } from './accessibility.ts';
import { type Dashboard, eventually, openDashboard, type Place } from './support/dashboard.ts';
import type { LabChain } from './support/lab-chain.ts';

const hop = 'payment→shipment';
const command = `npm run tune -- --for ${hop} --fault slow:3x:10s --seed 7`;

/** Which settings? Tried on the calls of a real chain. */
export function laboratory({ visit, lab }: Place): void {
  let policy: Policy;
  const results = () => join(lab().chain.dataDir, `lab-${new URL(lab().url).port}`, 'tune');
  beforeEach(async () => {
    ({ policy } = await readPolicy(lab()));
  });
  afterEach(async () => {
    rmSync(results(), { recursive: true, force: true });
    await fetch(`${lab().url}/api/trials/latest`, { method: 'DELETE' });
    const { deadlineMs: _, ...before } = policy;
    await fetch(`${lab().chain.url('payment')}/policy`, {
      method: 'PATCH',
      headers: json,
      body: JSON.stringify({ policy: before }),
    });
  });

  it('is folded, and without a tune says the command that makes one', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url, width: 390 });
    const section = sectionOf(dashboard);
    expect(await section.getByRole('combobox').count()).toBe(0);
    await unfold(section);
    await section.getByLabel('For the calls of').selectOption(hop);
    await eventually(() => section.innerText()).toContain(
      `npm run tune -- --for ${hop} --fault slow:3x:10s --rate 80`,
    );
    const start = section.getByRole('button', { name: /^Try in shadow/ });
    expect(await start.getAttribute('title')).toBe('There is no tune of this hop yet.');
  });

  it('tries the best of the last tune on the calls that come, applies one, and says why', async () => {
    leave(results(), policy);
    const dashboard = await openDashboard(visit, { url: lab().url });
    const { page } = dashboard;
    const section = sectionOf(dashboard);
    await dashboard.button(/^Start traffic/).click();
    await unfold(section);
    await section.getByLabel('For the calls of').selectOption(hop);
    await section.getByRole('button', { name: /^Try in shadow/ }).click();
    const table = section.getByRole('table');
    await eventually(() => headings(table)).toEqual(['now', 'best 1', 'best 2']);
    const calls = async () => (await trialOf(lab())).calls;
    await eventually(calls).toBeGreaterThan(5);
    const before = await calls();
    await eventually(calls).toBeGreaterThan(before);
    expect(await section.getByRole('status').innerText()).toMatch(/^payment → shipment: \d+ calls since/);

    await dashboard.button(/^Shipment down/).click();
    await eventually(async () => (await trialOf(lab())).arms[1]?.shadow?.opened).toBeGreaterThan(0);
    // The present settings opened already, so that nothing came after: in shadow they may be one failure short.
    await eventually(() => rowOf(table, 'breaker would have opened')).toMatch(/^\d+ × [1-9]/);
    expect(await violations(page)).toEqual([]);

    await section.getByRole('button', { name: 'Apply best 1 to payment → shipment' }).click();
    await eventually(async () => (await readPolicy(lab())).policy.attempts).toBe(3);
    await eventually(async () => (await trialOf(lab())).arms[0]?.policy.attempts).toBe(3);
    await eventually(() => dashboard.events().then((lines) => lines.join('\n'))).toContain(
      'payment→shipment: attempts 2 → 3',
    );
    await fetch(`${lab().url}/api/reset`, { method: 'POST', headers: json, body: '{}' });
    expect((await readPolicy(lab())).policy).toEqual(policy);

    await section.getByText('Why these settings?').click();
    expect(await section.innerText()).toContain('A third attempt saves two of a hundred calls.');
    await section.getByRole('button', { name: 'Stop the trial' }).click();
    await eventually(() => section.getByRole('status').innerText()).toMatch(/, stopped\.$/);
  });

  it.each([
    [1440, 'dark'],
    [1024, 'light'],
    [390, 'dark'],
    [390, 'light'],
  ] as const)('fits %i pixels, %s, and gives axe nothing to complain about', async (width, colorScheme) => {
    leave(results(), policy);
    await fetch(`${lab().url}/api/trials`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ hop }),
    });
    const dashboard = await openDashboard(visit, { url: lab().url, width, colorScheme });
    await dashboard.button(/^Start traffic/).click();
    const section = sectionOf(dashboard);
    await unfold(section);
    await eventually(async () => (await trialOf(lab())).calls).toBeGreaterThan(3);
    await section.getByRole('table').waitFor();
    for (const summary of await section.locator('.lab-part summary').all()) await summary.click();
    expect(await violations(dashboard.page)).toEqual([]);
    expect(await dashboard.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });

  it('starts an experiment, follows it, one at a time, and cancels it', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url, width: 390 });
    const { page } = dashboard;
    const section = sectionOf(dashboard);
    await unfold(section);
    const starts = section.getByRole('button', { name: /^Start the experiment/ });
    await eventually(() => starts.count()).toBeGreaterThanOrEqual(6);
    await starts.first().click();
    await eventually(() => section.getByRole('progressbar', { name: 'Experiment' }).count()).toBe(1);
    await eventually(() => section.innerText(), { timeout: 60_000 }).toMatch(/Repeat 1 of \d/);
    expect(await starts.first().getAttribute('title')).toBe(
      'Another experiment is running; it is one at a time.',
    );
    expect(await violations(page)).toEqual([]);
    await section.getByRole('button', { name: /^Cancel the experiment/ }).click();
    await eventually(() => section.innerText()).toContain('It was cancelled.');
    await eventually(() => starts.first().getAttribute('title')).toBeNull();
  }, 120_000);

  it('reads what an experiment found: the verdict, its interval, and every measure', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    const { page } = dashboard;
    await page.route('**/api/experiments', async (route) => {
      const answer = (await (await route.fetch()).json()) as ExperimentsAnswer;
      const [{ name, title } = { name: '', title: '' }] = answer.known;
      await route.fulfill({ json: { ...answer, results: { [name]: { ...found, title } } } });
    });
    const section = sectionOf(dashboard);
    await unfold(section);
    await eventually(() => section.innerText()).toContain('held With the breaker 2% fail, without it 30%.');
    expect(await section.innerText()).toContain('Beyond its bound by -0.03, between -0.05 and -0.01');
    await section.getByText('Measures, and how to make it again').click();
    expect(await section.getByRole('row', { name: /^calls that fail 2%/ }).innerText()).toMatch(
      /2%\s+30%\s+−28% \(−35% to −20%\)/,
    );
    expect(await section.getByRole('link', { name: 'All numbers as JSON' }).count()).toBe(1);
    expect(await violations(page)).toEqual([]);
  });

  it('records the calls of a hop, and gives them as a file', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url, width: 390 });
    const { page } = dashboard;
    const section = sectionOf(dashboard);
    await dashboard.button(/^Start traffic/).click();
    await unfold(section);
    await section.getByLabel('For the calls of').selectOption(hop);
    await section.getByRole('button', { name: 'Record payment → shipment' }).click();
    const recorded = section.getByRole('listitem').filter({ hasText: 'payment → shipment,' });
    await eventually(() => recorded.innerText()).toMatch(/: [1-9]\d* calls?, recording…/);
    expect(await violations(page)).toEqual([]);
    await recorded.getByRole('button', { name: /^End the recording/ }).click();
    await eventually(() => recorded.innerText()).not.toContain('recording…');
    const [file] = await Promise.all([page.waitForEvent('download'), recorded.getByRole('link').click()]);
    const lines = readFileSync(await file.path(), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line)).slice(0, 2)).toMatchObject([
      { trace: 1, hop },
      { t: expect.any(Number), ms: expect.any(Number), outcome: 'ok' },
    ]);
    await recorded.getByRole('button', { name: /^Remove the recording/ }).click();
    await eventually(() => recorded.count()).toBe(0);
  });

  it('says beside each setting why it is what it is: by the last tune, else by the default', async () => {
    leave(results(), policy);
    const { page, card } = await openDashboard(visit, { url: lab().url });
    await card('payment → shipment').getByRole('button', { name: 'Settings…' }).click();
    const dialog = page.getByRole('dialog');
    const why = dialog.locator('details', { hasText: 'Why this setting?' });
    await eventually(() => why.count()).toBe(9);
    await why.filter({ hasText: 'Waits before the first probe' }).locator('summary').click();
    await eventually(() => dialog.innerText()).toContain('Three seconds are enough for its restart.');
    expect(await dialog.innerText()).toContain(command);
    await why.filter({ hasText: 'Needs at least so many calls' }).locator('summary').click();
    expect(await dialog.innerText()).toContain('The default: five calls are enough to see an outage');
    expect(await violations(page)).toEqual([]);
  });

  it('can be unfolded, chosen in and started without a mouse', async () => {
    leave(results(), policy);
    const dashboard = await openDashboard(visit, { url: lab().url });
    const { page } = dashboard;
    const section = sectionOf(dashboard);
    await section.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    await section.getByRole('combobox').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('payment');
    await page.keyboard.press('Tab');
    const start = section.getByRole('button', { name: /^Try in shadow/ });
    await eventually(() => start.getAttribute('aria-disabled')).toBeNull();
    await page.keyboard.press('Enter');
    await eventually(async () => (await trialOf(lab())).state).toBe('running');
    expect((await trialOf(lab())).hop).toBe(hop);
  });
}

function sectionOf({ page }: Dashboard): Locator {
  return page.getByRole('region', { name: 'Laboratory', exact: true });
}

async function unfold(section: Locator): Promise<void> {
  await section.locator('summary').first().click();
  await section.getByRole('combobox').first().waitFor();
}

const headings = (table: Locator) => table.getByRole('columnheader').allInnerTexts();
const rowOf = async (table: Locator, name: string) =>
  (await table.getByRole('row').filter({ hasText: name }).getByRole('cell').allInnerTexts()).join(' ');

async function trialOf({ url }: LabChain): Promise<TrialStatus> {
  return (await (await fetch(`${url}/api/trials/latest`)).json()) as TrialStatus;
}

async function readPolicy({ chain }: LabChain): Promise<{ policy: Policy }> {
  return (await (await fetch(`${chain.url('payment')}/policy`)).json()) as { policy: Policy };
}

const json = { 'Content-Type': 'application/json' };

/** What an experiment would have found. */
const found = {
  ...{
    shows: null,
    system: 'testbed',
    arms: ['with', 'without'],
    judged: 'with',
    reference: 'without',
    busy: null,
  },
  judgement: {
    ...{
      hypothesis: 'fewer than 5% fail',
      verdict: 'better',
      sentence: 'With the breaker 2% fail, without it 30%.',
    },
    beyond: { mean: -0.03, low: -0.05, high: -0.01, pairs: 3 },
  },
  measures: [
    {
      ...{ name: 'failed', label: 'calls that fail', unit: 'share', better: 'less', effect: null },
      values: { with: [0.02], without: [0.3] },
      difference: { mean: -0.28, low: -0.35, high: -0.2, pairs: 3 },
    },
  ],
  ...{ repeats: 3, seed: 1, seconds: 20, startedAt: 0, tookMs: 61_000 },
};

/** What `npm run tune` would have left. */
function leave(folder: string, policy: Policy): void {
  const breaker = policy.breaker === null ? null : { ...policy.breaker, openMs: 1000, thresholdRatio: 0.2 };
  const result = {
    ...{ hop, at: Date.now(), source: 'fault', seed: 7, command },
    sentence: 'Three attempts and a breaker that probes after a second lose the fewest calls.',
    why: {
      'breaker.openMs': 'Three seconds are enough for its restart.',
      attempts: 'A third attempt saves two of a hundred calls.',
    },
    best: [
      { policy: { ...policy, attempts: 3, breaker }, costs: 'Saves 2% of the calls, for 4% more attempts.' },
      { policy: { ...policy, attempts: 1, breaker }, costs: 'Saves 1% of the calls, for nothing.' },
    ],
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'payment-shipment.json'), JSON.stringify(result));
}
