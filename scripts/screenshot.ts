/**
 * `npm run screenshot`: writes docs/dashboard.png, the picture in the README, from a chain of its own.
 *
 * Orders arrive for a while, shipment begins to fail, and the picture is taken a few seconds after the breaker in front
 * of it has opened.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { type Chain, startChain } from '../e2e/chain.ts';
import { type Command, parseCommandLine, readArguments } from '../shared/src/core/command-line.ts';
import { announce, complain } from '../shared/src/observability/log.ts';
import { launchBrowser } from './programs/launch-browser.ts';
import { toSmallerPng } from './screenshot/smaller-png.ts';

/** Where the picture is kept. */
const path = fileURLToPath(new URL('../docs/dashboard.png', import.meta.url));
const size = { width: 1280, height: 1000 };
/** Long enough that the charts have something to show. */
const healthyMs = 40_000;
/** How long the breaker has been open in the picture. */
const openMs = 3_500;

const command = {
  name: 'npm run screenshot',
  does:
    'Writes docs/dashboard.png, the picture in the README, from a chain of its own: orders arrive for a while, shipment ' +
    'begins to fail, and the picture is taken when the breaker before it is open. It takes a minute.',
  options: {},
  example: 'npm run screenshot',
  notes: 'It needs a Chromium: the one from npm, an installed one, or the one that CHROMIUM names.',
} satisfies Command;

readArguments(command, (args) => parseCommandLine(command, args), { announce, complain });
try {
  const browser = await launchBrowser();
  let chain: Chain | undefined;
  try {
    chain = await startChain({ LAB: '1' });
    const page = await browser.newPage({ viewport: size });
    await page.goto(chain.url('lab'));
    await breakShipment(page);
    writeFileSync(path, toSmallerPng(await page.screenshot()));
    announce('docs/dashboard.png is the dashboard of today.');
  } finally {
    await browser.close();
    await chain?.stop();
  }
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function breakShipment(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Start traffic/ }).click();
  await wait(healthyMs);
  await page.getByRole('button', { name: /^Flaky 60%/ }).click();
  const card = page.getByRole('region', { name: 'payment → shipment', exact: true });
  await card
    .getByRole('status')
    .filter({ hasText: /^OPEN$/ })
    .waitFor();
  await wait(openMs);
}
