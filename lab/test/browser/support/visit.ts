/**
 * Visits the page as a person would, in a real Chromium. What the browser complains about fails the test: errors in the
 * console, exceptions, and everything that the content policy refuses.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { launchBrowser } from '../../../../scripts/programs/launch-browser.ts';

/** Where screenshots and traces go; git ignores it. */
export const screenshots = fileURLToPath(new URL('../screenshots/', import.meta.url));

/** What may differ between visits. */
export interface Visit {
  readonly url: string;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'dark' | 'light';
  /** What the console may say beside nothing: failures that the test causes itself. */
  readonly expected?: RegExp;
}

/** Starts one browser for all tests, with switches of Chromium; answers how to visit. */
export function useBrowser(args: readonly string[] = []): (visit: Visit) => Promise<Page> {
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    browser = await launchBrowser(args);
  });
  afterAll(() => browser?.close());

  return async ({ url, width = 1280, height = 900, colorScheme = 'dark', expected }) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    context.setDefaultTimeout(10_000);
    // What was done and what the network said; pictures of every step would double the cost of each question.
    await context.tracing.start();
    const page = await context.newPage();
    const complaints = collectComplaints(page);
    onTestFinished(async ({ task }) => {
      const unexpected = complaints.filter((complaint) => !expected?.test(complaint));
      if (unexpected.length > 0 || task.result?.state === 'fail') await keepTrace(context, task.name);
      await context.close();
      expect(unexpected, 'the browser complained').toEqual([]);
    });
    await page.goto(url);
    return page;
  };
}

/** Keeps a picture of the page in the ignored folder. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true });
}

function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.push(`${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.stack ?? error.message}`));
  return complaints;
}

/** For `npx playwright-core show-trace`: what was done, what went over the network, what the console said. */
async function keepTrace(context: BrowserContext, test: string): Promise<void> {
  const path = `${screenshots}failed-${test.replace(/\W+/g, '-').slice(0, 80)}`;
  await context.pages()[0]?.screenshot({ path: `${path}.png` });
  await context.tracing.stop({ path: `${path}.zip` });
}
