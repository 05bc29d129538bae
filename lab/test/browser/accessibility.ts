/** The page for everybody: no violation that axe can find, landmarks to jump between, and nothing that becomes markup. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { eventually, openDashboard, type Place } from './support/dashboard.ts';
import type { LabChain } from './support/lab-chain.ts';

/** Directions that nobody delivers to, in the chain under test. */
export const hostile = '<img src=x onerror=document.title=document.domain>';
const breaker = 'payment → shipment';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What the page is for people who do not see it, and what it refuses to become. */
export function accessibility({ visit, lab }: Place): void {
  it.each([
    [1280, 'dark'],
    [1280, 'light'],
    [390, 'light'],
  ] as const)('gives axe nothing to complain about at %i pixels, %s', async (width, colorScheme) => {
    const dashboard = await openDashboard(visit, { url: lab().url, width, colorScheme });
    const { page } = dashboard;
    await dashboard.button(/^Start traffic/).click();
    await eventually(() => page.getByRole('row').count()).toBeGreaterThan(3);
    expect(await violations(page)).toEqual([]);
    await dashboard.button(/^Shipment down/).click();
    await eventually(() => dashboard.state(breaker)).toBe('OPEN');
    expect(await violations(page)).toEqual([]);
  });

  it('gives axe nothing to complain about in the dialogs', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url, width: 390 });
    const { page } = dashboard;
    await dashboard.card(breaker).getByRole('button', { name: 'Settings…' }).click();
    await page.getByRole('dialog', { name: `Settings of ${breaker}` }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('g');
    await page.getByRole('dialog', { name: 'Glossary' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await order(lab(), 'axe', 'home');
    await page.getByLabel(/^Find an order/).fill('axe');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Order axe' }).getByRole('list').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('explains its words on hover and focus, and in the glossary with its picture', async () => {
    const { page, card } = await openDashboard(visit, { url: lab().url });
    const late = card(breaker).getByRole('button', { name: 'late' });
    const tip = page.locator('.tip');
    await late.hover();
    expect(await tip.innerText()).toMatch(/^A call that ended in another state/);
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);
    await late.focus();
    expect(await tip.isVisible()).toBe(true);
    const loaded = page.waitForResponse(/\/assets\/breaker-states.*\.svg$/);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Glossary' });
    await dialog.waitFor();
    expect((await loaded).status()).toBe(200);
    const asked = dialog.locator('[data-asked="true"]');
    expect(await asked.innerText()).toMatch(/^late/);
    expect((await asked.boundingBox())?.y).toBeLessThan(900);
    expect(await dialog.getByRole('img', { name: /^Closed: every call passes/ }).count()).toBe(1);
  });

  it.each(['dark', 'light'] as const)('has pages of problems for everybody, too, %s', async (colorScheme) => {
    const page = await visit({ url: `${lab().url}/problems`, colorScheme });
    expect(await violations(page)).toEqual([]);
    await page.getByRole('link', { name: 'The content is invalid' }).click();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('422 The content is invalid');
    expect(await violations(page)).toEqual([]);
  });

  it('has landmarks, one heading of the first level, and a polite log for transitions', async () => {
    const { page } = await openDashboard(visit, { url: lab().url });
    const count = async (role: Parameters<Page['getByRole']>[0]) => page.getByRole(role).count();
    expect([await count('banner'), await count('main'), await count('navigation')]).toEqual([1, 1, 1]);
    expect(await page.getByRole('heading', { level: 1 }).allInnerTexts()).toEqual(['Holdfast lab']);
    expect(await page.getByRole('log').getAttribute('aria-live')).toBe('polite');
    for (const name of [
      'The chain',
      'order → payment',
      breaker,
      'Break something',
      'Guided tour',
      'Events',
    ]) {
      expect(await page.getByRole('region', { name, exact: true }).count(), name).toBe(1);
    }
  });

  it('shows what a customer wrote as text, never as markup', async () => {
    await order(lab(), 'before', 'home');
    const dashboard = await openDashboard(visit, { url: lab().url });
    const { page } = dashboard;
    const row = (id: string) => page.getByRole('row').filter({ hasText: id });
    await eventually(() => row('before').innerText()).toContain('completed');
    await order(lab(), 'hostile', hostile);
    await eventually(() =>
      row('hostile').getByTitle(`Nobody delivers to "${hostile}".`).innerText(),
    ).toContain('cancelled');
    expect([await page.locator('img').count(), await page.title()]).toEqual([0, 'Holdfast lab']);
  });
}

/** What axe finds, by rule, with the elements that it means. */
export async function violations(page: Page): Promise<string[]> {
  // Evaluated by the browser's tools and not by the page, whose policy would refuse a script of somebody else's.
  await page.evaluate(axe);
  return page.evaluate<string[]>(`axe
    .run(document, { resultTypes: ['violations'] })
    .then(({ violations }) => violations.map(({ id, help, nodes }) =>
      id + ' (' + help + '): ' + nodes.map(({ target, any }) => target.join(' ') + ' ' + (any[0]?.message ?? '')).join(' | ')))`);
}

async function order({ chain }: LabChain, id: string, directions: string): Promise<void> {
  const shipment = { id: `s-${id}`, directions };
  await fetch(`${chain.url('order')}/create`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ id, items: [], payment: { id: `p-${id}`, amount: 1, shipment } }),
  });
}
