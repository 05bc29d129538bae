/** Which browser the browser tests take, and what they say without one. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findBrowser } from '../../programs/find-browser.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-browser-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const brings = async () => ({ executablePath: '/npm/chromium', env: { FONTCONFIG_FILE: '/npm/fonts.conf' } });
const bringsNone = async () => undefined;

it('takes the one that CHROMIUM names, although npm brings one and another is installed', async () => {
  const named = executable('mine');
  executable('chromium');
  const env = { CHROMIUM: named, PATH: folder };
  expect(await findBrowser(env, brings)).toEqual({ executablePath: named, env });
});

it('takes the one that npm brings, in the environment that it needs, although another is installed', async () => {
  executable('chromium');
  expect(await findBrowser({ PATH: folder }, brings)).toEqual(await brings());
});

it("takes Debian's where npm brings none that runs, and Google's where that is absent", async () => {
  const googles = executable('google-chrome');
  const elsewhere = { PATH: ['/nowhere', folder].join(delimiter) };
  expect((await findBrowser(elsewhere, bringsNone)).executablePath).toBe(googles);
  const debians = executable('chromium');
  expect((await findBrowser({ PATH: folder }, bringsNone)).executablePath).toBe(debians);
});

it('refuses what CHROMIUM names when it cannot be executed', async () => {
  mkdirSync(join(folder, 'chromium'));
  await expect(findBrowser({ CHROMIUM: join(folder, 'chromium'), PATH: folder }, brings)).rejects.toThrow(
    `CHROMIUM=${join(folder, 'chromium')} is no file that can be executed.`,
  );
});

it.skipIf(process.platform !== 'linux')('says what to do where there is none', async () => {
  await expect(findBrowser({ PATH: folder }, bringsNone)).rejects.toThrow(
    'The browser tests need a Chromium, Chrome or Edge: install one, or name one with CHROMIUM=/path/to/chrome.',
  );
});

function executable(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  chmodSync(path, 0o755);
  return path;
}
