/**
 * The Chromium that comes inside an npm package, with its libraries and a font: Linux on x64, and nothing is downloaded.
 *
 * It is unpacked once into node_modules/.cache, so that `npm ci` throws it away with the package.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '@holdfast/shared/core/config.ts';

/** A browser that can be started. */
export interface FoundBrowser {
  readonly executablePath: string;
  /** The environment that it needs. */
  readonly env: NodeJS.ProcessEnv;
}

const script = fileURLToPath(new URL('unpack-browser.ts', import.meta.url));
const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const caches = join(modules, '.cache');

/** Returns the unpacked browser of the package; `undefined` where it does not run. */
export async function unpackNpmBrowser(): Promise<FoundBrowser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  let folder: string;
  try {
    const { version } = JSON.parse(readFileSync(join(modules, '@sparticuz/chromium/package.json'), 'utf8'));
    folder = join(caches, `chromium-${version}`);
    if (!existsSync(folder)) await unpackInto(folder);
  } catch {
    return undefined; // not installed, or the disk is full or read-only: an installed browser is tried next
  }
  const browser = {
    executablePath: join(folder, 'chromium'),
    env: environmentWith({
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
      LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
    }),
  };
  // Some Linuxes have another C library.
  const { status } = spawnSync(browser.executablePath, ['--version'], { env: browser.env, stdio: 'ignore' });
  return status === 0 ? browser : undefined;
}

/** Atomic: the folder gets its name when it is complete. */
async function unpackInto(folder: string): Promise<void> {
  mkdirSync(caches, { recursive: true });
  const half = mkdtempSync(join(caches, 'unpacking-'));
  try {
    const child = spawn(process.execPath, [script], {
      // The package unpacks into the temporary folder, under names that can exist there.
      env: environmentWith({ TMPDIR: half }),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const code = await new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
    if (code !== 0) throw new Error(`The browser could not be unpacked: ${code}.`);
    writeFileSync(join(half, 'fonts.conf'), toFontsConf(folder));
    renameSync(half, folder);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // another process has unpacked it
  }
}

/** The fonts of this machine, if it has any, and the one of the package. */
function toFontsConf(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(folder, 'fonts')}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}
