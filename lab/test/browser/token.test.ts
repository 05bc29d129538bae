/** A lab that has a token shows nothing before it is given, and everything after. */
import { expect, it } from 'vitest';
import { dashboardFolder } from '../../server/page.ts';
import { startFakeService } from '../support/fake-service.ts';
import { startLab } from '../support/labs.ts';
import { needing } from '../support/needing.ts';
import { aSnapshot, aStatus } from '../support/reports.ts';
import { eventually, toDashboard } from './support/dashboard.ts';
import { useBrowser } from './support/visit.ts';

const needs = await needing('chromium');
const visit = useBrowser();

it('a person is asked for the token, again when it is wrong, and then the page is live', needs, async () => {
  const order = await startFakeService();
  order.greet('snapshot', aSnapshot(aStatus()));
  const lab = await startLab([['order', order.url]], {
    env: { LAB_TOKEN: 'a-long-secret' },
    folder: dashboardFolder,
  });
  const page = await visit({ url: lab.url, expected: /401/ });
  const dashboard = toDashboard(page);
  const give = async (token: string) => {
    await page.getByRole('textbox', { name: 'Token' }).fill(token);
    await page.getByRole('button', { name: 'Use it' }).click();
  };
  await page.getByRole('heading', { name: 'The lab asks for its token' }).waitFor();
  await give('another-secret');
  await page.getByRole('heading', { name: 'The lab asks for its token' }).waitFor();
  await give('a-long-secret');
  await eventually(dashboard.badge).toMatch(/^Live/);
  const metrics = await page.goto(`${lab.url}/services/order/metrics`);
  expect(metrics?.status()).toBe(200);
});
