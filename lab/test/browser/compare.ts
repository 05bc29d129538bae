/** "With and without" on the page: pressed, followed while it runs, read, and cancelled. Its chains are real ones. */
import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import type { ComparisonStatus } from '../../server/comparison.ts';
import { violations } from './accessibility.ts';
import { type Dashboard, eventually, openDashboard, type Place } from './support/dashboard.ts';

/** Eight processes start, run six seconds and end, on a machine that may be busy. */
const whole = { timeout: 110_000 };

/** One press, two chains, one sentence. */
export function compare({ visit, lab }: Place): void {
  const latest = async () => {
    const answer = await fetch(`${lab().url}/api/comparisons/latest`);
    return (await answer.json()) as ComparisonStatus;
  };

  it('is one press: both chains grow side by side, and a sentence says what the difference is', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    const section = sectionOf(dashboard);
    await section.getByLabel('while shipment is').selectOption('down');
    await section.getByLabel('seconds').fill('6');
    await section.getByRole('button', { name: 'With and without' }).click();
    await eventually(() => section.getByRole('progressbar').count()).toBe(1);
    expect(await section.getByRole('button', { name: 'Cancel' }).count()).toBe(1);
    await eventually(() => section.innerText(), whole).toMatch(/Second \d of 6/);

    // Somebody else who looks sees the same run.
    const { page: other } = await openDashboard(visit, { url: lab().url, width: 390 });
    await eventually(() => other.getByText(/^(Second \d|Waiting until)/).count()).toBe(1);

    await eventually(() => section.getByRole('status').innerText(), whole).toMatch(
      /^(No difference|With the breaker) .* (Nothing|No order) was lost or doubled/,
    );
    const { report } = await latest();
    expect(await section.getByRole('status').innerText()).toBe(report?.verdict?.sentence);
    await eventually(async () => (await latest()).state, whole).toBe('done');
    const [withBreaker, bypassed] = (report?.arms ?? []).map(({ calls }) => calls.wasted);
    const figures = section.locator('[data-measure=wasted] strong');
    expect(await figures.allInnerTexts()).toEqual([`${withBreaker}`, `${bypassed}`]);
    expect(await section.getByText('0 lost, 0 doubled of').count()).toBe(2);
    for (const page of [dashboard.page, other]) {
      await eventually(() => page.getByText('0 lost, 0 doubled of').count()).toBe(2);
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
    // The chain that the page shows had no part in it.
    expect((await lab().status()).traffic.sent).toBe(0);
  }, 220_000);

  it('can be cancelled, and says so', async () => {
    const section = sectionOf(await openDashboard(visit, { url: lab().url }));
    await section.getByRole('button', { name: 'With and without' }).click();
    await section.getByRole('button', { name: 'Cancel' }).click();
    await eventually(() => section.getByRole('status').innerText()).toBe('It was cancelled.');
    expect(await section.getByRole('button', { name: 'With and without' }).count()).toBe(1);
    expect((await latest()).state).toBe('cancelled');
  });
}

function sectionOf({ page }: Dashboard): Locator {
  return page.getByRole('region', { name: 'With and without' });
}
