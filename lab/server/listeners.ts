/**
 * Listens to every instance of every service: those that the settings name, and those behind a host name, which is
 * resolved again and again.
 *
 * A service never disappears: when its name has no addresses any more, the known instances are shown as away.
 */
import { type Resolve, watchName } from '@holdfast/shared/discovery/dns.ts';
import type { Source } from '@holdfast/shared/discovery/source.ts';
import { type ListenerOptions, listenTo, type ServiceListener } from './service-listener.ts';
import type { ConfiguredAddress, ServiceAddress } from './settings.ts';

/** The listeners of a lab. */
export interface Listeners {
  /** From the front door to the end of the chain. */
  list(): readonly ServiceListener[];
  stop(): void;
}

/** What the listeners need, beside the places. */
export type ListenersOptions = Omit<ListenerOptions, 'place' | 'heardBefore'> & {
  /** By address: the last event that an earlier life of the lab heard. */
  readonly heardBefore: ReadonlyMap<string, string>;
  /** The system's resolver unless a test has its own. */
  readonly resolve?: Resolve | undefined;
};

/** Begins to listen to all addresses. */
export function listenToAll(
  places: readonly ConfiguredAddress[],
  { resolve, heardBefore, ...parts }: ListenersOptions,
): Listeners {
  // Until a name is resolved, its own URL is listened to.
  const groups = places.map(({ name, url }) => [listen({ name, url })]);
  const sources: Source[] = [];
  for (const [at, { name, url, isHostName }] of places.entries()) {
    if (!isHostName) continue;
    const { hostname, port } = new URL(url);
    const address = { kind: 'dns', host: hostname, port: Number(port || 80), path: '' } as const;
    sources.push(watchName(address, ({ urls }) => updateListeners(at, name, urls), resolve));
  }

  return {
    list: () => groups.flat(),
    stop() {
      for (const source of sources) void source.stop();
      for (const listener of groups.flat()) listener.stop();
    },
  };

  /** Remaining instances keep their listeners with their state. */
  function updateListeners(at: number, name: string, urls: readonly string[]): void {
    if (urls.length === 0) return;
    const known = new Map(groups[at]?.map((listener) => [listener.url, listener]));
    groups[at] = urls.map((url) => known.get(url) ?? listen({ name, url }));
    for (const [url, listener] of known) if (!urls.includes(url)) listener.stop();
  }

  function listen(place: ServiceAddress): ServiceListener {
    return listenTo({ ...parts, place, heardBefore: heardBefore.get(place.url) });
  }
}
