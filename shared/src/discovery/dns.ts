/**
 * Finds the instances of a host name: all its addresses, resolved again after their time to live.
 *
 * A name that does not exist has no instances. When the resolver does not answer, the known instances stay. Names that
 * the name servers do not have are looked up by the system, which reads the hosts file.
 */
import { lookup, Resolver } from 'node:dns/promises';
import { toHttpUrl } from '../core/http-url.ts';
import type { Address } from './addresses.ts';
import type { Found, Source } from './source.ts';

/** Addresses with their time to live. */
export interface Resolved {
  readonly addresses: readonly string[];
  readonly ttlSeconds: number;
}

/** Resolves one name. */
export type Resolve = (host: string) => Promise<Resolved>;

/** Bounds of the milliseconds between two queries, whatever the time to live. */
const queryEveryMs = { min: 1000, max: 5000 } as const;
/** Milliseconds until the next query after a failed one. */
const retryMs = 1000;
/** The errors of a name without addresses; after any other error the addresses are unknown. */
const noAddress = new Set(['ENOTFOUND', 'ENODATA', 'ENONAME']);

/** Resolves a name again and again until it is stopped; `resolve` is replaced in tests. */
export function watchName(
  { host, port, path }: Address & { kind: 'dns' },
  emit: (found: Found) => void,
  resolve: Resolve = resolveAll,
): Source {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let known: readonly string[] = [];
  void query();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };

  async function query(): Promise<void> {
    let nextMs: number = retryMs;
    let problem: string | undefined;
    try {
      const { addresses, ttlSeconds } = await resolve(host);
      known = [...addresses].sort();
      nextMs = Math.min(queryEveryMs.max, Math.max(queryEveryMs.min, ttlSeconds * 1000));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      problem = `The name ${host} cannot be resolved (${code}).`;
      if (noAddress.has(code)) known = [];
    }
    if (stopped) return;
    emit({ urls: known.map((address) => `${toHttpUrl(address, port)}${path}`), problem });
    timer = setTimeout(query, nextMs);
    timer.unref();
  }
}

/** Limits of one query, so that a silent name server does not delay the next one; the default is 20 s and more. */
const queryLimits = { timeout: 1000, tries: 2 } as const;

/** Asks the name servers, which give a time to live, and then the system. */
async function resolveAll(host: string): Promise<Resolved> {
  const resolver = new Resolver(queryLimits);
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
  // The system would wait for the same name servers for much longer.
  if (silent?.status === 'rejected') throw silent.reason;
  const found = await lookup(host, { all: true });
  return { addresses: found.map(({ address }) => address), ttlSeconds: 0 };
}
