/**
 * Finds instances on the local network without configuration, by multicast DNS (RFC 6762), and announces this one.
 * The only importer of bonjour-service.
 *
 * A group keeps the chains of one network apart. The interface is the loopback unless it is named: nothing leaves the
 * machine by default. Who leaves says goodbye; who was killed cannot, and is forgotten when three questions in a row
 * found no answer (until then its breaker keeps calls away).
 *
 * Anybody on a network can speak there: what is announced is signed with the chain's key and not older than minutes, comes
 * from the interface's own network, and a goodbye counts only if nobody answers any more.
 */
import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Bonjour, type Browser, type Service } from 'bonjour-service';
import type { ChainKeys } from '../proof/chain-keys.ts';
import { type Announcement, isSameProof, proveAnnouncement } from '../proof/chain-proof.ts';
import type { Address } from './addresses.ts';
import type { Found, Source } from './source.ts';

/** Where to announce and to look. */
export interface LocalNetwork {
  /** Address of the interface, as in `DISCOVERY_INTERFACE`. */
  readonly interface: string;
  /** Chains with different groups do not see each other. */
  readonly group: string;
}

/** What an instance says of itself. */
export interface Announced {
  /** The name of its service. */
  readonly service: string;
  readonly instance: string;
  /** Where it is reached, without a path. */
  readonly url: string;
}

/** The name of the service type: `_holdfast._tcp`. */
const type = 'holdfast';
/** Between two questions who is there. */
const askEveryMs = 2000;
const forgetAfterMs = 3 * askEveryMs + 500;

/** How old an announcement may be: replayed later it leads nobody to an address that others have by now. */
const freshMs = 300_000;
/** Between two signatures under one announcement. */
const signEveryMs = 60_000;
/** Most instances of one name; more is a mistake or an attack. */
const maxInstances = 64;
/** How long after a goodbye an instance may say that it is still there. */
const goodbyeMs = 100;
/** Between two lines about announcements that nothing proves. */
const quietMs = 1000;

/** Announces this instance until it is stopped; `complain` hears why it cannot. */
export function announceLocally(
  { service, instance, url }: Announced,
  network: LocalNetwork,
  keys: Pick<ChainKeys, 'signing'>,
  complain: (problem: string) => void,
): Source {
  const bonjour = open(network, complain);
  const sign = () => {
    const said: Announcement = { service, group: network.group, instance, url, at: `${Date.now()}` };
    return { ...said, proof: proveAnnouncement(keys.signing(), said) };
  };
  const published = bonjour.publish({
    name: `${network.group}/${instance}`,
    type,
    port: Number(new URL(url).port || 80),
    txt: sign(),
    // The names are unique already, and asking the network whether they are would delay the announcement.
    probe: false,
    disableIPv6: true,
  });
  const renewal = setInterval(() => renew(bonjour, published, sign()), signEveryMs);
  renewal.unref();
  return {
    stop: () =>
      new Promise((resolve) => {
        clearInterval(renewal);
        // A goodbye that cannot be sent must not keep the service from leaving.
        const timer = setTimeout(resolve, 500);
        bonjour.unpublishAll(() => {
          bonjour.destroy(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      }),
  };
}

/** Watches who announces the service called `name`, until it is stopped. */
export function watchLocalNetwork(
  { name, path }: Address & { kind: 'local' },
  network: LocalNetwork,
  keys: Pick<ChainKeys, 'believed'>,
  { emit, ignore }: { emit: (found: Found) => void; ignore: (why: string) => void },
): Source {
  let problem: string | undefined;
  const heardAt = new Map<string, number>();
  const leaving = new Set<string>();
  const isNear = createNeighbourhood(network.interface);
  let ignoredAt = Number.NEGATIVE_INFINITY;
  let goodbye: NodeJS.Timeout | undefined;
  const bonjour = open(network, (why) => {
    problem = why;
    report();
  });
  const hear = (service: Service) => {
    const from = service.referer?.address ?? '';
    const said = (service.txt ?? {}) as Partial<Record<string, string>>;
    const { url } = said;
    if (said.service !== name || said.group !== network.group || url === undefined) return;
    const why = isNear(from) ? whyUnproven(said, keys.believed()) : 'it comes from another network';
    if (why !== undefined || !URL.canParse(url)) return ignoreOne(from, why ?? 'its URL is none');
    leaving.delete(url);
    const isNew = !heardAt.has(url);
    if (isNew && heardAt.size >= maxInstances)
      return ignoreOne(from, `${maxInstances} instances are known already`);
    heardAt.set(url, Date.now());
    if (isNew) report();
  };
  let browser = look();
  const timer = setInterval(ask, askEveryMs);
  timer.unref();

  return {
    async stop() {
      clearInterval(timer);
      clearTimeout(goodbye);
      browser.stop();
      bonjour.destroy();
    },
  };

  function look(): Browser {
    const fresh = bonjour.find({ type }, hear);
    // Somebody else may speak under the same name first.
    fresh.on('txt-update', hear);
    return fresh.on('down', (service: Service) => {
      const url = String(service.txt?.url);
      if (!heardAt.has(url)) return;
      leaving.add(url);
      if (goodbye !== undefined) return;
      // Anybody can say goodbye for another: who is there still answers at once.
      browser.update();
      goodbye = setTimeout(forgetLeavers, goodbyeMs);
    });
  }

  function forgetLeavers(): void {
    goodbye = undefined;
    for (const url of leaving) heardAt.delete(url);
    leaving.clear();
    report();
  }

  function ignoreOne(from: string, why: string): void {
    // Before the keys are there nothing can be believed, and nobody has done anything wrong.
    if (keys.believed().length === 0 || Date.now() - ignoredAt < quietMs) return;
    ignoredAt = Date.now();
    ignore(`An announcement of ${name} from ${from || 'nowhere'} is ignored: ${why}.`);
  }

  /**
   * The library tells of newcomers only; to a fresh browser everybody is one who still answers, and what the last one
   * remembers of those who are gone goes with it.
   */
  function ask(): void {
    browser.stop();
    browser = look();
    const before = Date.now() - forgetAfterMs;
    let forgot = false;
    for (const [url, at] of heardAt) if (at < before) forgot = heardAt.delete(url) || forgot;
    if (forgot) report();
  }

  function report(): void {
    emit({ urls: [...heardAt.keys()].sort().map((url) => `${url}${path}`), problem });
  }
}

function open(network: LocalNetwork, complain: (problem: string) => void): Bonjour {
  // Bound to the group's address, a socket gets nothing that was sent to this machine alone; Windows cannot do that.
  const bind = process.platform === 'win32' ? network.interface : '224.0.0.251';
  // The library's types leave out what it hands on to multicast-dns.
  const options = { interface: network.interface, bind, loopback: true } as object;
  return new Bonjour(options, (error: Error) => {
    complain(`Multicast DNS on ${network.interface} does not work: ${error.message}.`);
  });
}

/** Puts a fresh signature under an announcement: the library reads it once and keeps what it answers with. */
function renew(bonjour: Bonjour, published: Service, txt: Readonly<Record<string, string>>): void {
  published.txt = txt;
  const { registry } = (bonjour as unknown as { server: { registry: Record<string, Kept[]> } }).server;
  const fresh = (published as unknown as { records(): Kept[] })
    .records()
    .find(({ type: kind }) => kind === 'TXT');
  for (const kept of registry.TXT ?? []) if (kept.name === fresh?.name) kept.data = fresh.data;
}

interface Kept {
  readonly type: string;
  readonly name: string;
  data: unknown;
}

/** Why nothing proves an announcement; `undefined` when it is proven. */
function whyUnproven(
  { service = '', group = '', instance = '', url = '', at = '', proof }: Partial<Record<string, string>>,
  believed: ReturnType<ChainKeys['believed']>,
): string | undefined {
  if (!(Math.abs(Date.now() - Number(at)) <= freshMs))
    return 'it is older than five minutes, or a clock is wrong';
  const said = { service, group, instance, url, at };
  if (believed.some((key) => isSameProof(proof, proveAnnouncement(key, said)))) return undefined;
  return 'nothing proves that it is of this chain';
}

/** Tells the addresses of the interface's network from all others. */
function createNeighbourhood(address: string): (from: string) => boolean {
  const near = new BlockList();
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const found = own.find((one) => one.address === address && one.family === 'IPv4')?.cidr;
  const [net = address, bits = '32'] = found?.split('/') ?? [];
  near.addSubnet(net, Number(bits), 'ipv4');
  if (address.startsWith('127.')) near.addSubnet('127.0.0.0', 8, 'ipv4');
  return (from) => near.check(from, 'ipv4');
}
