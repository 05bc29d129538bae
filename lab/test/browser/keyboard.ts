/** Everything without a mouse: the whole way from a healthy chain to a broken one and back. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { eventually, openDashboard, type Place } from './support/dashboard.ts';

const breaker = 'payment → shipment';

/** Everything that can be done, without a mouse. */
export function keyboard({ visit, lab }: Place): void {
  it('breaks and heals the chain with Tab and Enter alone, and always shows where the focus is', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    const { page } = dashboard;
    await page.keyboard.press('Tab');
    expect(await focused(page)).toMatchObject({ name: 'Skip to the chain', isVisible: true });

    await tabTo(page, /^Start traffic/);
    await page.keyboard.press('Enter');
    await eventually(() => focused(page).then(({ name }) => name)).toMatch(/^Stop traffic/);
    await tabTo(page, /^Shipment down/);
    await page.keyboard.press('Enter');
    await eventually(() => dashboard.state(breaker)).toBe('OPEN');
    await tabTo(page, /^Stop now: errors in shipment/);
    await page.keyboard.press('Enter');
    await eventually(() => dashboard.state(breaker)).toBe('CLOSED');
  });

  it('does the same with single keys', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    const { page } = dashboard;
    await page.keyboard.press('t');
    await eventually(() => dashboard.button(/^Stop traffic/).count()).toBe(1);
    await page.keyboard.press('b');
    await eventually(() => dashboard.state(breaker)).toBe('OPEN');
    await page.keyboard.press('h');
    await eventually(() => dashboard.state(breaker)).toBe('CLOSED');
    await page.keyboard.press('Space');
    await eventually(dashboard.badge).toMatch(/^Paused at/);
    await page.keyboard.press('Space');
    await eventually(dashboard.badge).toMatch(/^Live/);
    await page.keyboard.press('r');
    await eventually(() => dashboard.button(/^Start traffic/).count()).toBe(1);
  });

  it('presses a focused button with Space, and pauses with it after a click of the mouse', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    const { page } = dashboard;
    await tabTo(page, /^Start traffic/);
    await page.keyboard.press('Space');
    await eventually(() => dashboard.button(/^Stop traffic/).count()).toBe(1);
    expect(await dashboard.badge()).toMatch(/^Live/);
    await dashboard.button(/^Stop traffic/).click();
    await eventually(() => dashboard.button(/^Start traffic/).count()).toBe(1);
    await page.keyboard.press('Space');
    await eventually(dashboard.badge).toMatch(/^Paused at/);
    expect((await lab().status()).traffic.on).toBe(false);
  });

  it('lists the keys under ?, and gives the focus back when Escape closes the list', async () => {
    const { page } = await openDashboard(visit, { url: lab().url });
    await tabTo(page, /^Send one order/);
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    await dialog.waitFor();
    expect(await dialog.innerText()).toMatch(/Break the last service for 60 s/);
    expect(await page.evaluate('document.querySelector("dialog").contains(document.activeElement)')).toBe(
      true,
    );
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await focused(page)).toMatchObject({ name: 'Send one order', isVisible: true });
  });

  it('keeps a dialog that opens before the close event of another one', async () => {
    const { page } = await openDashboard(visit, { url: lab().url });
    await page.getByRole('button', { name: 'Settings…' }).first().click();
    await page.getByRole('dialog', { name: /^Settings of/ }).waitFor();
    // Both in one task: the close event follows in a later one.
    await page.evaluate(`{
      document.querySelector('dialog').close();
      document.dispatchEvent(new KeyboardEvent('keydown', { key: '?' }));
    }`);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
    expect(await page.getByRole('dialog', { name: 'Keys' }).isVisible()).toBe(true);
  });

  it('leaves single keys to the field in which somebody types', async () => {
    const { page } = await openDashboard(visit, { url: lab().url });
    await page.getByLabel('Orders per second').focus();
    await page.keyboard.press('t');
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect((await lab().status()).traffic.on).toBe(false);
  });

  it('leaves a rate alone while it is typed, and puts back one that is none', async () => {
    const { page, button } = await openDashboard(visit, { url: lab().url });
    const field = page.getByLabel('Orders per second');
    await field.fill('4');
    await fetch(`${lab().url}/api/traffic`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ on: true, ratePerSecond: 20 }),
    });
    await eventually(() => button(/^Stop traffic/).count()).toBe(1);
    expect(await field.inputValue()).toBe('4');
    await field.fill('');
    await page.keyboard.press('Tab');
    expect(await field.inputValue()).toBe('20');
    await page.getByText('Orders per second: must be a whole number from 1 to 200.').waitFor();
  });
}

interface Focused {
  readonly name: string;
  /** Whether a person can see that it has the focus. */
  readonly isVisible: boolean;
}

/** Presses Tab until something with this name has the focus; each stop on the way must show itself. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 120; presses += 1) {
    const stop = await focused(page);
    if (name.test(stop.name)) return;
    seen.push(stop.name);
    await page.keyboard.press('Tab');
    const next = await focused(page);
    expect(next.isVisible, `focus on "${next.name}" cannot be seen`).toBe(true);
  }
  throw new Error(`Tab never came to ${name}; it came to ${seen.join(' | ')}`);
}

function focused(page: Page): Promise<Focused> {
  return page.evaluate<Focused>(`(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const isOutlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
    const isOnScreen = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.innerText ?? element.querySelector('span')?.innerText ?? element.innerText;
    return { name: (name ?? '').trim(), isVisible: element === document.body || (isOutlined && isOnScreen && box.width > 0) };
  })()`);
}
