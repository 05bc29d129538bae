/**
 * Opens an address in the browser of this machine, if it has one that shows anything.
 */
import { spawn } from 'node:child_process';
import { readSettings, text } from '../../shared/src/core/config.ts';

const display = text('', { form: /.*/s, range: 'any text', about: 'Set where a screen is.' });
const commands: Partial<Record<NodeJS.Platform, string>> = { linux: 'xdg-open', darwin: 'open' };
/** A command that still runs by then has opened something. */
const longEnoughMs = 3000;

/** Tries; answers whether it was opened. */
export async function openInBrowser(url: string): Promise<boolean> {
  const command = commands[process.platform];
  if (command === undefined || !hasScreen()) return false;
  const child = spawn(command, [url], { stdio: 'ignore', detached: true });
  child.unref();
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), longEnoughMs);
    const end = (isOpen: boolean) => {
      clearTimeout(timer);
      resolve(isOpen);
    };
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
  });
}

/** Without a screen xdg-open would start a browser for terminals inside ours. */
function hasScreen(): boolean {
  if (process.platform !== 'linux') return true;
  const { DISPLAY, WAYLAND_DISPLAY } = readSettings({ DISPLAY: display, WAYLAND_DISPLAY: display });
  return DISPLAY !== '' || WAYLAND_DISPLAY !== '';
}
