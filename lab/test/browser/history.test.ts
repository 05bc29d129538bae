/**
 * What the page knows of the past: a reload, a reset, a killed service and a lost connection take nothing of it away,
 * and the events say what happened last.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import { needing } from '../support/needing.ts';
import { type Dashboard, eventually, openDashboard, toDashboard } from './support/dashboard.ts';
import { startGate } from './support/gate.ts';
import { useLabChain } from './support/lab-chain.ts';
import { keepScreenshot, useBrowser } from './support/visit.ts';

const needs = await needing('chromium');
const breaker = 'payment → shipment';

describe('the past', needs, () => {
  const visit = useBrowser();
  const lab = useLabChain({});

  /** Seconds of one state in the strip of a breaker. */
  async function secondsOf(dashboard: Dashboard, state: string): Promise<number> {
    const words = (await dashboard.card(breaker).locator('.strip').getAttribute('aria-label')) ?? '';
    const parts = words.split(': ')[1]?.split(', ') ?? [];
    const found = parts.map((part) => new RegExp(`^${state} (\\d+) s`).exec(part)?.[1]);
    return found.reduce((sum, seconds) => sum + Number(seconds ?? 0), 0);
  }

  const words = async (dashboard: Dashboard) => (await dashboard.events()).join('\n');

  it('is there after a reload, and a reset takes nothing of it', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    await dashboard.button(/^Start traffic/).click();
    await eventually(() => secondsOf(dashboard, 'closed')).toBeGreaterThan(4);
    const before = await secondsOf(dashboard, 'closed');

    await dashboard.page.reload();
    await eventually(() => secondsOf(dashboard, 'closed')).toBeGreaterThanOrEqual(before);
    await eventually(() => words(dashboard)).toMatch(/traffic of 20\/s is on/);

    await dashboard.button(/^Reset all/).click();
    await eventually(() => words(dashboard)).toMatch(/everything was reset/);
    expect(await secondsOf(dashboard, 'closed')).toBeGreaterThanOrEqual(before);
  });

  it('of a killed service stays, and the last word is that it is back and its breaker closed', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    await dashboard.button(/^Start traffic/).click();
    await eventually(() => secondsOf(dashboard, 'closed')).toBeGreaterThan(2);
    await dashboard.button(/^Shipment down/).click();
    // The strip has whole seconds, and is not sure of the last one before the kill.
    await eventually(() => secondsOf(dashboard, 'open')).toBeGreaterThan(2);
    lab().chain.signal('payment', 'SIGKILL');
    await eventually(() => words(dashboard)).toMatch(/payment is gone: its connection ended/);
    await eventually(() => words(dashboard)).toMatch(/payment is back after [\d.]+ s, as a new process/);
    await eventually(() => secondsOf(dashboard, 'no data')).toBeGreaterThan(0);
    expect(await secondsOf(dashboard, 'open')).toBeGreaterThan(0);
    expect(await secondsOf(dashboard, 'closed')).toBeGreaterThan(0);
    const newest = (await dashboard.events()).find((line) => /payment→shipment|payment is/.test(line));
    // It may have opened again by now: then its card says so, too.
    if ((await dashboard.state(breaker)) === 'CLOSED') expect(newest).toMatch(/CLOSED/);
    await keepScreenshot(dashboard.page, 'killed-1280');
  });

  it('that the page did not hear itself is filled from the lab', async () => {
    const gate = await startGate(lab().url);
    onTestFinished(() => gate.stop());
    const dashboard = await openDashboard(visit, {
      url: gate.url,
      expected: /Failed to load resource: net::ERR|ERR_INCOMPLETE_CHUNKED/,
    });
    await eventually(() => secondsOf(dashboard, 'closed')).toBeGreaterThan(2);
    gate.shut();
    await eventually(dashboard.badge).toMatch(/^Reconnecting/);
    const other = toDashboard(await visit({ url: lab().url }));
    await eventually(() => secondsOf(other, 'closed')).toBeGreaterThan(9);
    gate.open();
    await eventually(dashboard.badge).toMatch(/^Live/);
    await eventually(async () =>
      Math.abs((await secondsOf(dashboard, 'closed')) - (await secondsOf(other, 'closed'))),
    ).toBeLessThan(3);
  });

  it('is chosen for all charts at once, by keys too, and held', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    await dashboard.button('5 min').click();
    for (const name of ['order → payment', breaker]) {
      await eventually(() => dashboard.card(name).locator('.strip').getAttribute('aria-label')).toMatch(
        /^5 min, /,
      );
      expect(await dashboard.card(name).innerText()).toMatch(/State, the last 5 min/i);
    }
    await dashboard.button('1 min').click();
    const plot = dashboard.card(breaker).getByRole('img', { name: /^Calls per second/ });
    await plot.focus();
    await dashboard.page.keyboard.press('ArrowLeft');
    await eventually(() => dashboard.card(breaker).locator('.readout').first().innerText()).toMatch(
      /^\d\d:\d\d:\d\d: [\d.]+ ok, 0 failed, 0 rejected/,
    );
    await dashboard.button('Hold charts').click();
    const bar = dashboard.page.getByRole('group', { name: 'Time of the charts' });
    await eventually(() => bar.innerText()).toMatch(/60 s until \d\d:\d\d:\d\d/);
    await dashboard.button('Back to now').click();
    await eventually(() => bar.innerText()).toMatch(/Live, the last 60 s/);
  });

  it('of one kind can be left out of the events', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    await eventually(() => words(dashboard)).toMatch(/everything was reset/);
    await dashboard.button('Processes').click();
    await eventually(() => words(dashboard)).not.toMatch(/everything was reset/);
    await dashboard.button('Processes').click();
    await eventually(() => words(dashboard)).toMatch(/everything was reset/);
  });
});
