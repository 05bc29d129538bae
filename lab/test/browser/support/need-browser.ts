/** Ends the browser tests before the first one when this machine has no browser: they are never skipped unseen. */
import { findBrowser } from './find-browser.ts';

/** Called by vitest before the first test. */
export function setup(): void {
  try {
    findBrowser();
  } catch (error) {
    // A stack would hide the sentence that a person needs.
    if (error instanceof Error) error.stack = '';
    throw error;
  }
}
