/** A person makes one of several instances sick, sees that only it is, and heals only it. */
import { describe, expect, it } from 'vitest';
import { needing } from '../support/needing.ts';
import { eventually, openDashboard } from './support/dashboard.ts';
import { useLabChain } from './support/lab-chain.ts';
import { keepScreenshot, useBrowser } from './support/visit.ts';

const needs = await needing('chromium');
const visit = useBrowser();
const lab = useLabChain({}, ['--replicas', 'payment=2']);

describe('one of several instances', needs, () => {
  it('is broken and healed alone, and the page says which one it is', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    const { page } = dashboard;
    const sick = `:${lab().chain.portBase + 20}`;
    await page.getByLabel('Service', { exact: true }).selectOption('payment');
    await page.getByLabel('Instance of payment').selectOption({ label: `only ${sick}` });
    await dashboard.button(/^Payment down/).click();
    await eventually(() => dashboard.service('payment').innerText()).toContain('1 of 2: 100% errors 503');
    expect(await faults()).toEqual({ [`:${lab().chain.portBase + 1}`]: [], [sick]: ['errors'] });
    await keepScreenshot(page, 'one-sick-1280');

    await page.getByLabel('Instance of payment').selectOption({ label: 'all 2 instances' });
    await dashboard.button(/^Slow /).click();
    await eventually(faults).toEqual({
      [`:${lab().chain.portBase + 1}`]: ['delay'],
      [sick]: ['errors', 'delay'],
    });
    await dashboard.button(`Stop now: errors in payment ${sick}`).click();
    await eventually(faults).toEqual({ [`:${lab().chain.portBase + 1}`]: ['delay'], [sick]: ['delay'] });
    await dashboard.button('Stop now: delay in payment').click();
    await eventually(faults).toEqual({ [`:${lab().chain.portBase + 1}`]: [], [sick]: [] });
  });
});

/** The names of the faults of each instance of payment. */
async function faults(): Promise<Record<string, string[]>> {
  const { services } = await lab().status();
  return Object.fromEntries(
    services
      .filter(({ name }) => name === 'payment')
      .map(({ url, status }) => [`:${new URL(url).port}`, (status?.faults ?? []).map(({ name }) => name)]),
  );
}
