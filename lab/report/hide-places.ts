/**
 * Takes names of the machine out of texts that are shared: its name, its folders, and addresses that are not its own
 * loopback. Each host keeps a number, so that a reader can still tell them apart.
 */
import { homedir, hostname, tmpdir } from 'node:os';
import { serviceNames } from '../../chain.ts';

/** Creates a function that hides; it numbers hosts in the sequence in which they come. */
export function createHider(
  machine: { readonly name: string; readonly folders: readonly string[] } = {
    name: hostname(),
    folders: [process.cwd(), homedir(), tmpdir()],
  },
): (text: string) => string {
  const hosts = new Map<string, string>();
  const known = machine.folders.filter((folder) => folder.length > 1).toSorted((a, b) => b.length - a.length);
  const toNumber = (host: string) => {
    if (isPublic(host)) return host;
    if (!hosts.has(host)) hosts.set(host, `host-${hosts.size + 1}`);
    return hosts.get(host) ?? host;
  };
  return (text) => {
    let hidden = text;
    for (const folder of known) hidden = hidden.replaceAll(folder, '…');
    hidden = hidden.replace(
      /(?<![\w.\-/:])\/(?:home|Users|root|tmp|var|private|opt|srv|mnt|etc)\/[^\s"'`,;)]*/g,
      toLastName,
    );
    hidden = hidden.replace(
      /\b([a-z][a-z+]*:\/\/)(?:[^\s/@"']+@)?(\[[\da-f:.]+\]|[\w.-]+)/gi,
      (_url, scheme: string, host: string) => `${scheme}${toNumber(host)}`,
    );
    hidden = hidden.replace(/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\.\d)/g, toNumber);
    if (machine.name.length < 3 || isPublic(machine.name)) return hidden;
    return hidden.replaceAll(new RegExp(`(?<![\\w-])${RegExp.escape(machine.name)}(?![\\w-])`, 'g'), () =>
      toNumber(machine.name),
    );
  };
}

/** Loopback, a service of the chain, and what was hidden before. */
function isPublic(host: string): boolean {
  if (serviceNames.some((name) => name === host)) return true;
  return /^(?:127(?:\.\d+){3}|localhost|\[?::1\]?|0\.0\.0\.0)$/.test(host) || /^host-\d+$/.test(host);
}

/** A path without the folders that lead to it. */
function toLastName(path: string): string {
  return `…/${path.split('/').at(-1)}`;
}
