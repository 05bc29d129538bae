/** Finds a Chromium on this machine: the one that `CHROMIUM` names, else Debian's or Google's. */
import { environmentWith, readSettings, text } from '@holdfast/shared/config.ts';
import { findInPath, isExecutable } from '../../../proxies/find-program.ts';

/** The settings of the browser tests. */
export const browserSettings = {
  CHROMIUM: text('', {
    form: /^[^\0]{1,1024}$/,
    range: 'the path of a Chromium or Chrome',
    about: 'The browser of the tests; by default chromium or google-chrome of the PATH.',
  }),
};

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const places = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/**
 * Answers the path of the executable.
 * @throws {Error} when there is none; one sentence says what to do.
 */
export function findBrowser(env: NodeJS.ProcessEnv = environmentWith({})): string {
  const { CHROMIUM } = readSettings(browserSettings, env);
  if (CHROMIUM !== '') {
    if (isExecutable(CHROMIUM)) return CHROMIUM;
    throw new Error(`CHROMIUM=${CHROMIUM} is no file that can be executed.`);
  }
  const found = findInPath(names, env) ?? places.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    "The browser tests need a Chromium: install Debian's package chromium, or name one with CHROMIUM=/path/to/chrome.",
  );
}
