/** A person breaks shipment on purpose, reads why the breaker opened and when it probes, and sees it heal. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type Dashboard, eventually, openDashboard, type Place } from './support/dashboard.ts';
import { keepScreenshot } from './support/visit.ts';

const breaker = 'payment → shipment';

/** A person breaks shipment and heals it, tries settings, and does it on a telephone. */
export function breakAndHeal({ visit, lab }: Place): void {
  const open = (how: { width?: number; expected?: RegExp } = {}) =>
    openDashboard(visit, { url: lab().url, ...how });

  it('is live at once and shows the chain with every breaker closed', async () => {
    const dashboard = await open();
    expect(await dashboard.page.title()).toBe('Holdfast lab');
    for (const [index, name] of ['order', 'payment', 'shipment'].entries()) {
      await eventually(() => dashboard.service(name).innerText()).toContain('ready · 0.0 req/s');
      expect(await dashboard.service(name).innerText()).toContain(`:${lab().chain.portBase + index}`);
    }
    await eventually(() => dashboard.service('MongoDB').innerText()).toMatch(/ok · \d+ ms/);
    for (const name of ['order → payment', breaker]) {
      expect([await dashboard.edge(name).innerText(), await dashboard.state(name)]).toEqual([
        'CLOSED',
        'CLOSED',
      ]);
      expect(await dashboard.card(name).innerText()).toMatch(/No calls in the last 2 s/);
    }
  });

  it('opens with its cause and a countdown when shipment is down, and heals when the fault is stopped', async () => {
    const dashboard = await open();
    const { page } = dashboard;
    const toldBefore = (await transitions(dashboard)).length;
    await dashboard.button(/^Start traffic/).click();
    await eventually(() => page.getByRole('row').filter({ hasText: 'completed' }).count()).toBeGreaterThan(0);
    await keepScreenshot(page, 'closed-1280');

    await dashboard.button(/^Shipment down/).click();
    await eventually(() => dashboard.edge(breaker).innerText()).toBe('OPEN');
    await eventually(() => dashboard.card(breaker).innerText()).toMatch(
      /\d+ of \d+ calls failed \([\d.]+% > 50%\)/,
    );
    expect(await dashboard.service('shipment').innerText()).toMatch(/100% errors 503, \d+ s left/);
    await eventually(() => dashboard.countdown(breaker)).toBeGreaterThan(1);
    await eventually(() => dashboard.countdown(breaker)).toBeLessThan(1);
    await eventually(() => dashboard.service('payment').innerText()).toMatch(/\d+ pending/);
    await keepScreenshot(page, 'open-1280');
    expect(await dashboard.events()).toContainEqual(
      expect.stringMatching(/payment.*payment→shipment.*CLOSED → .*OPEN.*failed \([\d.]+% > 50%\)/s),
    );

    await dashboard.button(/^Stop traffic/).click();
    await dashboard.button(/^Stop now: errors in shipment/).click();
    await eventually(() => dashboard.state(breaker)).toBe('CLOSED');
    for (const name of ['order', 'payment']) {
      await eventually(() => dashboard.service(name).innerText()).not.toMatch(/pending/);
    }
    const results = page.getByRole('row').getByRole('cell', { name: /completed|pending/ });
    await eventually(async () => [...new Set((await results.allInnerTexts()).map(toStatus))]).toEqual([
      'completed',
    ]);
    expect(await results.filter({ hasText: 'completed after' }).count()).toBeGreaterThan(0);

    const spoken = (await dashboard.spoken()).filter((sentence) => sentence.includes('payment to shipment'));
    expect(spoken).toHaveLength((await transitions(dashboard)).length - toldBefore);
    expect(spoken[0]).toMatch(
      /^The breaker payment to shipment opened: \d+ of \d+ calls failed\. Probe in 2 s\.$/,
    );
    expect(spoken.at(-1)).toMatch(
      /^The breaker payment to shipment closed: its probe succeeded after \d+ ms\.$/,
    );
  });

  describe('the settings dialog', () => {
    it('says at the field what the service refuses, and changes nothing', async () => {
      const dashboard = await open({ expected: /status of 422/ });
      const { page } = dashboard;
      await dashboard.card(breaker).getByRole('button', { name: 'Settings…' }).click();
      const dialog = page.getByRole('dialog', { name: `Settings of ${breaker}` });
      const field = dialog.getByLabel('Opens when a larger share of calls fails than');
      await field.fill('1.5');
      await dialog.getByRole('button', { name: 'Apply' }).click();
      await eventually(() => field.getAttribute('aria-invalid')).toBe('true');
      expect(await dialog.getByRole('status').innerText()).toContain(
        'Opens when a larger share of calls fails than: must be a number from 0 to 1, got 1.5.',
      );
      const { services } = await lab().status();
      expect(services[1]?.status?.breakers[0]?.config.thresholdRatio).toBe(0.5);
    });

    it('tries a stricter threshold in shadow and says how often it would have opened', async () => {
      const dashboard = await open();
      const { page } = dashboard;
      await dashboard.card(breaker).getByRole('button', { name: 'Settings…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Opens when a larger share of calls fails than').fill('0');
      await dialog.getByRole('button', { name: 'Try in shadow' }).click();
      await eventually(() => dialog.getByRole('status').innerText()).toContain('In shadow now');
      await dialog.getByRole('button', { name: 'Close' }).click();

      await dashboard.button(/^Start traffic/).click();
      await dashboard.button(/^Flaky 60%/).click();
      await eventually(() => dashboard.card(breaker).innerText()).toMatch(
        /In shadow: above 0% of at least 5 calls it would have opened [1-9]\d*×/,
      );
    });
  });

  it('says all that is wrong in the form for a fault at once, by label', async () => {
    const dashboard = await open({ expected: /status of 422/ });
    const { page } = dashboard;
    await dashboard.button(/^More… faults for shipment/).click();
    const dialog = page.getByRole('dialog', { name: 'A fault for shipment' });
    await dialog.getByLabel('Name').fill('Big');
    await dialog.getByLabel('Share of requests that it hits').fill('2');
    await dialog.getByLabel('Status of an error').fill('99');
    await dialog.getByRole('button', { name: 'Start fault' }).click();
    await eventually(() => dialog.getByRole('status').getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/^Name: must be 1 to 40 small letters/),
      expect.stringMatching(/^Status of an error: must be a whole number from/),
      'Share of requests that it hits: must be a number above 0, at most 1.',
    ]);
  });

  it('says what to do when something is broken and no order arrives', async () => {
    const dashboard = await open();
    await dashboard.button(/^Shipment down/).click();
    const panel = dashboard.page.getByRole('region', { name: 'Break something' });
    await eventually(() => panel.innerText()).toContain('No traffic: nothing will fail until orders arrive.');
    await panel.getByRole('button', { name: 'Let orders arrive' }).click();
    await eventually(() => dashboard.state(breaker)).toBe('OPEN');
    expect(await panel.innerText()).not.toContain('No traffic');
  });

  it('has a tour that points at what it teaches, goes away, and comes back after a reload', async () => {
    const dashboard = await open();
    const { page } = dashboard;
    const region = page.getByRole('region', { name: 'Guided tour' });
    await region.getByRole('button', { name: 'Show me where to look' }).click();
    const pointed = page.locator('[data-pointed="true"]');
    expect(await pointed.getByRole('heading').first().innerText()).toMatch(/^Orders/);
    await eventually(() => isInWindow(page, pointed)).toBe(true);
    await region.getByRole('button', { name: 'Close the guided tour' }).click();
    await eventually(() => region.count()).toBe(0);
    await page.reload();
    await eventually(dashboard.badge).toMatch(/^Live/);
    expect([await region.count(), await pointed.count()]).toEqual([0, 0]);
    await dashboard.button('Tour').click();
    await eventually(() => region.count()).toBe(1);
  });

  it.each([1440, 1024, 720, 390])('never scrolls sideways at %i pixels, and works there', async (width) => {
    const dashboard = await open({ width });
    const { page } = dashboard;
    const overflow = () =>
      page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(await overflow(), 'at rest').toBeLessThanOrEqual(0);
    await dashboard.button(/^Start traffic/).click();
    await eventually(() => page.getByRole('row').filter({ hasText: 'completed' }).count()).toBeGreaterThan(0);
    expect(await overflow(), 'closed').toBeLessThanOrEqual(0);
    await keepScreenshot(page, `closed-${width}`);
    // On a phone the switches stay at hand, wherever the page is.
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    const atHand = dashboard.button(width > 1024 ? /^Shipment down/ : /^Break shipment for 60 s/);
    if (width <= 720) expect(await isInWindow(page, atHand)).toBe(true);
    await atHand.click();
    await eventually(() => dashboard.service('shipment').innerText()).toContain('errors 503');
    expect(await overflow(), 'with a fault').toBeLessThanOrEqual(0);
    await eventually(() => dashboard.state(breaker)).toBe('OPEN');
    expect(await overflow(), 'open').toBeLessThanOrEqual(0);
    await keepScreenshot(page, `open-${width}`);
    if (width > 1024) return;
    await dashboard.button(/^Heal/).click();
    await eventually(() => dashboard.state(breaker)).toBe('CLOSED');
  });
}

async function isInWindow(page: Page, locator: Locator): Promise<boolean> {
  const box = await locator.boundingBox();
  const height = page.viewportSize()?.height ?? 0;
  return box !== null && box.y >= 0 && box.y < height;
}

/** The lines of the breaker's transitions in the list of events. */
async function transitions(dashboard: Dashboard): Promise<string[]> {
  return (await dashboard.events()).filter((line) => /payment→shipment.* → /s.test(line));
}

/** `completed after 2.1 s` is `completed`. */
function toStatus(result: string): string {
  return result.trim().split(/\s/, 1)[0] ?? '';
}
