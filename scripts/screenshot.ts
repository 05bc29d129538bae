/**
 * `npm run screenshot`: writes the pictures in the README from a chain of its own, each dark and light: open, a few
 * seconds after the breaker before shipment has opened, and recovered, when everything that was pending is done.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { type Chain, startChain } from '../e2e/chain.ts';
import { type Command, parseCommandLine, readArguments } from '../shared/src/core/command-line.ts';
import { until } from '../shared/src/core/until.ts';
import { announce, complain } from '../shared/src/observability/log.ts';
import { launchBrowser } from './programs/launch-browser.ts';
import { toSmallerPng } from './screenshot/smaller-png.ts';

const themes = ['dark', 'light'] as const;
const size = { width: 1280, height: 900 };
/** Long enough that the charts have something to show. */
const healthyMs = 40_000;
/** How long the breaker has been open in the picture. */
const openMs = 3_500;
/** How long the chain is well again in the picture. */
const recoveredMs = 6_000;

const command = {
  name: 'npm run screenshot',
  does:
    'Writes the pictures in the README, docs/dashboard-*.png, from a chain of its own: orders arrive for a while, shipment ' +
    'begins to fail, the breaker before it opens, the fault is stopped, and what was pending is done. It takes two minutes.',
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
    await takePictures(browser, chain.url('lab'));
    announce('docs/dashboard-*.png are the dashboard of today.');
  } finally {
    await browser.close();
    await chain?.stop();
  }
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** Both themes look at the same chain at the same time; the first page is the one that acts. */
async function takePictures(browser: Browser, url: string): Promise<void> {
  const pages = await Promise.all(themes.map((colorScheme) => openPage(browser, url, colorScheme)));
  const [page] = pages;
  if (page === undefined) return;
  const button = (name: RegExp) => page.getByRole('button', { name });
  await button(/^Start traffic/).click();
  await wait(healthyMs);
  await button(/^Shipment down/).click();
  await waitForState(page, /^OPEN$/);
  await wait(openMs);
  await keep('open', pages);
  await button(/^Stop now: errors in shipment/).click();
  await waitForState(page, /^CLOSED$/);
  const chain = page.getByRole('region', { name: 'The chain' });
  // Orders go on arriving, so at any moment a few are on their way.
  const isDone = async () => !/\d{2,} pending/.test(await chain.innerText());
  await until('what was pending is done', isDone, { withinMs: 120_000 });
  await wait(recoveredMs);
  await keep('recovered', pages);
}

async function openPage(browser: Browser, url: string, colorScheme: 'dark' | 'light'): Promise<Page> {
  const page = await browser.newPage({ viewport: size, colorScheme });
  await page.goto(url);
  // The pictures show what happens; the tour is for who is there.
  await page.getByRole('button', { name: 'Close the guided tour' }).click();
  return page;
}

async function waitForState(page: Page, state: RegExp): Promise<void> {
  const card = page.getByRole('region', { name: 'payment → shipment', exact: true });
  await card.getByRole('status').filter({ hasText: state }).waitFor({ timeout: 90_000 });
}

async function keep(what: string, pages: readonly Page[]): Promise<void> {
  for (const [index, page] of pages.entries()) {
    const path = fileURLToPath(new URL(`../docs/dashboard-${what}-${themes[index]}.png`, import.meta.url));
    await page.mouse.move(0, 0);
    writeFileSync(path, toSmallerPng(await page.screenshot()));
  }
}
