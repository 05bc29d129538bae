/** Which browser the browser tests take, and what they say without one. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findBrowser } from '../../browser/support/find-browser.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-browser-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

it('takes the one that CHROMIUM names, although another is installed', () => {
  const named = executable('mine');
  executable('chromium');
  expect(findBrowser({ CHROMIUM: named, PATH: folder })).toBe(named);
});

it("takes Debian's, and Google's where that is absent", () => {
  const googles = executable('google-chrome');
  expect(findBrowser({ PATH: ['/nowhere', folder].join(delimiter) })).toBe(googles);
  const debians = executable('chromium');
  expect(findBrowser({ PATH: folder })).toBe(debians);
});

it('refuses what CHROMIUM names when it cannot be executed', () => {
  mkdirSync(join(folder, 'chromium'));
  expect(() => findBrowser({ CHROMIUM: join(folder, 'chromium'), PATH: folder })).toThrow(
    `CHROMIUM=${join(folder, 'chromium')} is no file that can be executed.`,
  );
});

it.skipIf(process.platform === 'darwin')('says what to do where there is none', () => {
  expect(() => findBrowser({ PATH: folder })).toThrow(
    "The browser tests need a Chromium: install Debian's package chromium, or name one with CHROMIUM=/path/to/chrome.",
  );
});

function executable(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  chmodSync(path, 0o755);
  return path;
}
