/**
 * The addresses of the next hop: `CHAIN_SVC` as a list of URLs, names to resolve, and names on the local network.
 *
 *     http://127.0.0.1:3001/create,http://127.0.0.1:3011/create    two fixed instances
 *     dns+http://depot.example:3000/create                         every address of the name
 *     local+http://depot/create                                    every instance that announces the name
 */

/** One place to look for instances. */
export type Address =
  | { readonly kind: 'fixed'; readonly url: string }
  | { readonly kind: 'dns'; readonly host: string; readonly port: number; readonly path: string }
  | { readonly kind: 'local'; readonly name: string; readonly path: string };

const path = String.raw`(?:/[^\s,?#]*)?`;
const port = String.raw`(?::\d{1,5})?`;
const one = [
  String.raw`https?://(?:\[[\da-fA-F:]+\]|[A-Za-z0-9.-]+)${port}${path}`,
  String.raw`dns\+http://[A-Za-z0-9][A-Za-z0-9._-]*${port}${path}`,
  String.raw`local\+http://[a-z][a-z0-9-]{0,31}${path}`,
].join('|');

/** The form of `CHAIN_SVC`: addresses of any kind, separated by commas. */
export const addressesForm = new RegExp(`^(?:${one})(?:,(?:${one}))*$`);

/** Reads addresses of the form `addressesForm`; a name without a path gets `usualPath`, the create endpoint. */
export function parseAddresses(text: string, usualPath = '/create'): readonly Address[] {
  return text === '' ? [] : text.split(',').map((one) => parseAddress(one, usualPath));
}

function parseAddress(text: string, usualPath: string): Address {
  const scheme = /^(dns|local)\+/.exec(text)?.[1];
  if (scheme === undefined) return { kind: 'fixed', url: text };
  const { hostname, port: given, pathname } = new URL(text.slice(scheme.length + 1));
  const at = pathname === '/' ? usualPath : pathname;
  if (scheme === 'local') return { kind: 'local', name: hostname, path: at };
  return { kind: 'dns', host: hostname, port: Number(given || 80), path: at };
}
