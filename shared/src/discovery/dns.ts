/**
 * Finds instances behind a host name: all its addresses, asked again as their time to live says.
 *
 * A name that does not exist has no instances; a resolver that does not answer changes nothing, because the instances
 * that were known are more likely alive than gone. Names that only the hosts file knows are found there.
 */
import { lookup, Resolver } from 'node:dns/promises';
import type { Address } from './addresses.ts';
import type { Found, Source } from './source.ts';

/** Addresses with the seconds for which they may be believed. */
export interface Resolved {
  readonly addresses: readonly string[];
  readonly ttlSeconds: number;
}

/** Resolves one name. */
export type Resolve = (host: string) => Promise<Resolved>;

/** Bounds of the time between two questions: a short time to live is not obeyed to the letter, a long one not at all. */
const everyMs = { min: 1000, max: 5000 } as const;
/** After a question that failed. */
const againMs = 1000;
/** What resolvers say when a name has no address; anything else means that they do not know. */
const noAddress = new Set(['ENOTFOUND', 'ENODATA', 'ENONAME']);

/** Looks behind a name until it is stopped; `resolve` is the system's resolver unless a test has its own. */
export function watchName(
  { host, port, path }: Address & { kind: 'dns' },
  emit: (found: Found) => void,
  resolve: Resolve = resolveAll,
): Source {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let known: readonly string[] = [];
  void look();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };

  async function look(): Promise<void> {
    let nextMs: number = againMs;
    let problem: string | undefined;
    try {
      const { addresses, ttlSeconds } = await resolve(host);
      known = [...addresses].sort();
      nextMs = Math.min(everyMs.max, Math.max(everyMs.min, ttlSeconds * 1000));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      problem = `The name ${host} cannot be resolved (${code}).`;
      if (noAddress.has(code)) known = [];
    }
    if (stopped) return;
    emit({ urls: known.map((address) => toUrl(address, port, path)), problem });
    timer = setTimeout(look, nextMs);
    timer.unref();
  }
}

/** A name server that says nothing must not keep a name from being asked for again: by default it had 20 s and more. */
const patience = { timeout: 1000, tries: 2 } as const;

/** Asks the name servers, which say for how long an answer is good; the hosts file knows what they do not. */
async function resolveAll(host: string): Promise<Resolved> {
  const resolver = new Resolver(patience);
  const answers = await Promise.allSettled([
    resolver.resolve4(host, { ttl: true }),
    resolver.resolve6(host, { ttl: true }),
  ]);
  const records = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (records.length > 0) {
    return {
      addresses: records.map(({ address }) => address),
      ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)),
    };
  }
  const silent = answers.find((answer) => answer.status === 'rejected' && answer.reason.code === 'ETIMEOUT');
  // The system's own way would wait for the same name servers, for much longer.
  if (silent?.status === 'rejected') throw silent.reason;
  const found = await lookup(host, { all: true });
  return { addresses: found.map(({ address }) => address), ttlSeconds: 0 };
}

function toUrl(address: string, port: number, path: string): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}${path}`;
}
