/** Opens an address in a graphical browser of this machine, if there is one. */
import { spawn } from 'node:child_process';
import { readSettings, text } from '../../shared/src/core/config.ts';

const display = text('', { form: /.*/s, range: 'any text', about: 'Set where a screen is.' });
const commands: Partial<Record<NodeJS.Platform, string>> = { linux: 'xdg-open', darwin: 'open' };
/** A command that still runs after this time counts as a success. */
const longEnoughMs = 3000;

/** Tries; returns whether it was opened. */
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

/** Without a display xdg-open would start a text browser in this terminal. */
function hasScreen(): boolean {
  if (process.platform !== 'linux') return true;
  const { DISPLAY, WAYLAND_DISPLAY } = readSettings({ DISPLAY: display, WAYLAND_DISPLAY: display });
  return DISPLAY !== '' || WAYLAND_DISPLAY !== '';
}
