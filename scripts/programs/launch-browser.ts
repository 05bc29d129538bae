/** Starts the browser of the tests and of the README's picture, with the same language on every machine. */
import { type Browser, chromium } from 'playwright-core';
import { findBrowser } from './find-browser.ts';

/**
 * Starts a browser without a window; `args` are switches of Chromium.
 * @throws {Error} when this machine has none; one sentence says what to do.
 */
export async function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  const { executablePath, env } = await findBrowser();
  return chromium.launch({
    executablePath,
    args: ['--disable-dev-shm-usage', ...args],
    // Where no language is set, Chromium's is "en-US@posix", which its own Intl refuses.
    env: { ...env, LC_ALL: 'en_US.UTF-8' },
  });
}
