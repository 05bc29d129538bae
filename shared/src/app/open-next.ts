/**
 * Opens the way to the next hop from the settings of a service: what is sent there, through the pipeline before it.
 */
import type { Next } from '../delivery/deliver.ts';
import { createForward } from '../delivery/forward.ts';
import { createReadNext, type ReadNext } from '../delivery/read-next.ts';
import { type Address, parseAddresses } from '../discovery/addresses.ts';
import type { Resolve } from '../discovery/dns.ts';
import type { LivePolicy } from '../observability/live-policy.ts';
import type { HopSettings } from './hop-settings.ts';
import type { Store, Telemetry } from './open-parts.ts';
import { openPipeline } from './open-pipeline.ts';

/** The way to the next hop, with what must be closed at the end. */
export interface OpenedNext extends Next {
  readonly read: ReadNext;
  /** Whether any instance would take a call now. */
  isCallPermitted(): boolean;
  /** Whether a call would be the probe of a breaker: no instance has a closed one. */
  isProbe(): boolean;
  /** Hears when an instance appears where there was none. */
  onAppear(listener: () => void): void;
  /** How many instances are known, and why it may not be all of them. */
  view(): { readonly instances: readonly string[]; readonly problems: readonly string[] };
  /** Retries that could be made now. */
  retriesLeft(): number;
  /** The settings of the way, which may change while it runs. */
  readonly policy: LivePolicy;
  close(): Promise<void>;
}

/** Opens the way to the next hop; absent when `CHAIN_SVC` is empty. Names are resolved by the system unless told otherwise. */
export function openNext(
  settings: HopSettings,
  telemetry: Telemetry,
  store: Pick<Store, 'leases' | 'keys'>,
  { resolve }: { readonly resolve?: Resolve | undefined } = {},
): OpenedNext | undefined {
  const addresses = parseAddresses(settings.CHAIN_SVC);
  const [first] = addresses;
  if (first === undefined) return undefined;
  const name = settings.NEXT_NAME || nameOf(first);
  const { pipeline, client, instances, ...way } = openPipeline(name, addresses, {
    settings,
    telemetry,
    store,
    resolve,
  });
  return {
    name,
    forward: createForward(pipeline, client, store.keys),
    read: createReadNext(pipeline, client),
    isCallPermitted: instances.isCallPermitted,
    isProbe: () => instances.list().every(({ breaker }) => breaker.stateView().state !== 'closed'),
    onAppear: (listener) => void instances.onAppear(listener),
    view: () => ({
      instances: instances.list().map(({ url }) => new URL(url).host),
      problems: way.problems(),
    }),
    retriesLeft: way.retriesLeft,
    policy: way.policy,
    close: way.close,
  };
}

/** What the next hop is called by its address: a name as it is; an address says nothing, so it gets its port. */
function nameOf(address: Address): string {
  if (address.kind === 'local') return address.name;
  if (address.kind === 'dns') return address.host;
  const { hostname, host } = new URL(address.url);
  return /^[\d.]+$|:|^localhost$/.test(hostname) ? host : hostname;
}
