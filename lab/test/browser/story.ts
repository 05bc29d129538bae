/** A person follows one order: by its row, by its link, and by what they paste, while it waits and when it ends. */
import { expect, it } from 'vitest';
import { eventually, openDashboard, type Place, toDashboard } from './support/dashboard.ts';
import { keepScreenshot } from './support/visit.ts';

const breaker = 'payment → shipment';

/** A person opens the story of an order, sees it end, and links to it. */
export function story({ visit, lab }: Place): void {
  it('is told while it happens: refused by a breaker, waiting, and completed by the relay', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    const { page } = dashboard;
    await dashboard.button(/^Start traffic/).click();
    await dashboard.button(/^Shipment down/).click();
    await eventually(() => dashboard.state(breaker)).toBe('OPEN');
    await dashboard.button(/^Stop traffic/).click();
    const id = `told-${Date.now()}`;
    await sendOrder(lab().chain.url('order'), id);

    await page.getByLabel(/^Find an order/).fill(`{"id":"${id}","status":"pending"}`);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: `Order ${id}` });
    const rows = dialog.getByRole('listitem');
    await eventually(() => dialog.innerText()).toMatch(/pending for/);
    await eventually(() => rows.allInnerTexts()).toContainEqual(
      expect.stringMatching(/payment[\s\S]*sends nothing to shipment: the breaker is open/),
    );
    expect(new URL(page.url()).hash).toBe(`#/orders/${id}`);
    await keepScreenshot(page, 'story-pending-1280');

    await page.keyboard.press('Escape');
    await eventually(() => new URL(page.url()).hash).toBe('');
    await dashboard.button(/^Stop now: errors in shipment/).click();
    await page.goBack();
    await eventually(() => dialog.innerText(), { timeout: 30_000 }).toMatch(/completed after/);
    const told = await rows.allInnerTexts();
    expect(told).toContainEqual(
      expect.stringMatching(/payment[\s\S]*the relay asks shipment at [\s\S]*done/),
    );
    expect(told).toContainEqual(expect.stringMatching(/payment[\s\S]*captures 0/));
    expect(told).toContainEqual(expect.stringMatching(/payment→shipment closes/));
    expect(told).toContainEqual(expect.stringMatching(/customer[\s\S]*gets 202/));
    await keepScreenshot(page, 'story-completed-1280');

    await page.reload();
    const again = toDashboard(page).page.getByRole('dialog', { name: `Order ${id}` });
    await eventually(() => again.innerText()).toMatch(/completed after/);
  });

  it('is opened from its row by keyboard, and the arrow keys lead from row to row', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url, width: 390 });
    const { page } = dashboard;
    for (const _ of ['one', 'two'])
      await dashboard
        .button(/^Send one order/)
        .first()
        .click();
    const links = page.getByRole('link', { name: /story of order/ });
    await eventually(() => links.count()).toBeGreaterThan(1);
    await links.first().focus();
    await page.keyboard.press('ArrowDown');
    const focused = await page.evaluate<string>("document.activeElement?.getAttribute('aria-label') ?? ''");
    expect(focused).toBe(await links.nth(1).getAttribute('aria-label'));
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: focused.replace(/^.* story of order/, 'Order') });
    await eventually(() => dialog.innerText()).toMatch(/completed after/);
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    await keepScreenshot(page, 'story-390');
  });

  it('of an order that nobody knows is a sentence', async () => {
    const dashboard = await openDashboard(visit, {
      url: `${lab().url}/#/orders/never%2F..`,
      expected: /status of 404/,
    });
    const dialog = dashboard.page.getByRole('dialog');
    await eventually(() => dialog.innerText()).toContain('Nothing here can be called "never/..".');
  });

  it('is read again and again, also when one before it was opened twice before its first answer', async () => {
    const { page } = await openDashboard(visit, { url: lab().url, expected: /status of 404/ });
    const open = async (order: string) => {
      await page.getByLabel(/^Find an order/).fill(order);
      await page.keyboard.press('Enter');
    };
    const asked: string[] = [];
    const answered: string[] = [];
    const { promise: openedTwice, resolve } = Promise.withResolvers<void>();
    await page.route(/\/api\/orders\/\w+$/, async (route) => {
      if (asked.push(route.request().url()) === 2) resolve();
      await openedTwice;
      await route.continue();
    });
    page.on('requestfinished', (request) => answered.push(request.url()));
    const times = (urls: readonly string[], order: string) =>
      urls.filter((url) => url.endsWith(`/orders/${order}`)).length;

    await open('one');
    await eventually(() => times(asked, 'one')).toBe(1);
    await page.keyboard.press('Escape');
    await open('one');
    await eventually(() => times(answered, 'one')).toBe(2);
    await page.keyboard.press('Escape');
    await open('two');
    await eventually(() => times(answered, 'two')).toBeGreaterThan(2);
  });
}

async function sendOrder(url: string, id: string): Promise<void> {
  const shipment = { id: `s-${id}`, directions: 'home' };
  await fetch(`${url}/create`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ id, items: [], payment: { id: `p-${id}`, amount: 0, shipment } }),
  });
}
