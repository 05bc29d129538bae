/** Finds a Chromium: the one that `CHROMIUM` names, else the one of the npm package, else an installed one. */
import { environmentWith, readSettings, text } from '@holdfast/shared/core/config.ts';
import { findInPath, isExecutable } from '../../lab/proxies/find-program.ts';
import { type FoundBrowser, unpackNpmBrowser } from './npm-browser.ts';

/** The settings of the browser tests. */
const browserSettings = {
  CHROMIUM: text('', {
    form: /^[^\0]{1,1024}$/,
    range: 'the path of a Chromium or Chrome',
    about:
      'The browser of the tests; by default the one that npm brings, else an installed Chromium, Chrome or Edge.',
  }),
};

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/**
 * Returns the path of the executable, and the environment for it.
 * @throws {Error} when there is none; one sentence says what to do.
 */
export async function findBrowser(
  env: NodeJS.ProcessEnv = environmentWith({}),
  unpack: () => Promise<FoundBrowser | undefined> = unpackNpmBrowser,
): Promise<FoundBrowser> {
  const { CHROMIUM } = readSettings(browserSettings, env);
  if (CHROMIUM !== '') {
    if (isExecutable(CHROMIUM)) return { executablePath: CHROMIUM, env };
    throw new Error(`CHROMIUM=${CHROMIUM} is no file that can be executed.`);
  }
  const brought = await unpack();
  if (brought !== undefined) return brought;
  const executablePath = findInPath(names, env) ?? places.find(isExecutable);
  if (executablePath !== undefined) return { executablePath, env };
  throw new Error(
    'The browser tests need a Chromium, Chrome or Edge: install one, or name one with CHROMIUM=/path/to/chrome.',
  );
}
