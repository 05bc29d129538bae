/**
 * Finds instances on the local network without configuration, by multicast DNS (RFC 6762), and announces this one.
 * The only importer of bonjour-service.
 *
 * A group separates the chains of one network. The interface is the loopback by default, so that nothing leaves the
 * machine. An instance that stops sends a goodbye; one that was killed is removed after three queries without an answer
 * (until then its breaker rejects calls).
 *
 * Any machine of the network can send announcements: one is accepted only if the chain's key has signed it within
 * minutes and it comes from the interface's network, and a goodbye only if the instance does not answer any more.
 */
import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Bonjour, type Browser, type Service } from 'bonjour-service';
import type { ChainKeys } from '../proof/chain-keys.ts';
import { type Announcement, isSameProof, proveAnnouncement } from '../proof/chain-proof.ts';
import type { Address } from './addresses.ts';
import type { Found, Source } from './source.ts';

/** Where to announce and to search. */
export interface LocalNetwork {
  /** Address of the interface, as in `DISCOVERY_INTERFACE`. */
  readonly interface: string;
  /** Chains with different groups do not see each other. */
  readonly group: string;
}

/** An instance to announce. */
export interface LocalInstance {
  /** The name of its service. */
  readonly service: string;
  readonly instance: string;
  /** Its address, without a path. */
  readonly url: string;
}

/** The name of the service type: `_holdfast._tcp`. */
const type = 'holdfast';
/** Milliseconds between two queries. */
const queryEveryMs = 2000;
const forgetAfterMs = 3 * queryEveryMs + 500;

/** Maximum age of an announcement in milliseconds, so that an old one cannot be replayed after its address changed hands. */
const maxAgeMs = 300_000;
/** Milliseconds between two signatures of one announcement. */
const signEveryMs = 60_000;
/** Maximum number of instances of one name; more is a mistake or an attack. */
const maxInstances = 64;
/** Milliseconds after a goodbye in which an instance may answer that it still runs. */
const goodbyeMs = 100;
/** Milliseconds between two reports of ignored announcements. */
const reportEveryMs = 1000;

/** Announces this instance until it is stopped; `onProblem` is called with the reason when it cannot. */
export function announceLocally(
  { service, instance, url }: LocalInstance,
  network: LocalNetwork,
  keys: Pick<ChainKeys, 'signing'>,
  onProblem: (problem: string) => void,
): Source {
  const bonjour = open(network, onProblem);
  const sign = () => {
    const announcement: Announcement = { service, group: network.group, instance, url, at: `${Date.now()}` };
    return { ...announcement, proof: proveAnnouncement(keys.signing(), announcement) };
  };
  const published = bonjour.publish({
    name: `${network.group}/${instance}`,
    type,
    port: Number(new URL(url).port || 80),
    txt: sign(),
    // The names are unique already; probing for conflicts would delay the announcement.
    probe: false,
    disableIPv6: true,
  });
  const renewal = setInterval(() => renew(bonjour, published, sign()), signEveryMs);
  renewal.unref();
  return {
    stop: () =>
      new Promise((resolve) => {
        clearInterval(renewal);
        // A goodbye that cannot be sent must not delay the stop.
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

/** Finds the instances that announce the service called `name`, until it is stopped. */
export function watchLocalNetwork(
  { name, path }: Address & { kind: 'local' },
  network: LocalNetwork,
  keys: Pick<ChainKeys, 'accepted'>,
  { emit, ignore }: { emit: (found: Found) => void; ignore: (why: string) => void },
): Source {
  let problem: string | undefined;
  const seenAt = new Map<string, number>();
  const leaving = new Set<string>();
  const isInSubnet = createSubnetTest(network.interface);
  let ignoredAt = Number.NEGATIVE_INFINITY;
  let goodbye: NodeJS.Timeout | undefined;
  const bonjour = open(network, (why) => {
    problem = why;
    report();
  });
  const onAnnouncement = (service: Service) => {
    const from = service.referer?.address ?? '';
    const announcement = (service.txt ?? {}) as Partial<Record<string, string>>;
    const { url } = announcement;
    if (announcement.service !== name || announcement.group !== network.group || url === undefined) return;
    const why = isInSubnet(from)
      ? toProofProblem(announcement, keys.accepted())
      : 'it comes from another network';
    if (why !== undefined || !URL.canParse(url)) return reportIgnored(from, why ?? 'its URL is none');
    leaving.delete(url);
    const isNew = !seenAt.has(url);
    if (isNew && seenAt.size >= maxInstances)
      return reportIgnored(from, `${maxInstances} instances are known already`);
    seenAt.set(url, Date.now());
    if (isNew) report();
  };
  let browser = browse();
  const timer = setInterval(query, queryEveryMs);
  timer.unref();

  return {
    async stop() {
      clearInterval(timer);
      clearTimeout(goodbye);
      browser.stop();
      bonjour.destroy();
    },
  };

  function browse(): Browser {
    const fresh = bonjour.find({ type }, onAnnouncement);
    // A forged announcement may have used the same name first.
    fresh.on('txt-update', onAnnouncement);
    return fresh.on('down', (service: Service) => {
      const url = String(service.txt?.url);
      if (!seenAt.has(url)) return;
      leaving.add(url);
      if (goodbye !== undefined) return;
      // A goodbye may be forged: an instance that still runs answers this query at once.
      browser.update();
      goodbye = setTimeout(removeLeaving, goodbyeMs);
    });
  }

  function removeLeaving(): void {
    goodbye = undefined;
    for (const url of leaving) seenAt.delete(url);
    leaving.clear();
    report();
  }

  function reportIgnored(from: string, why: string): void {
    // Before the keys are loaded no proof can be verified, which is not worth a report.
    if (keys.accepted().length === 0 || Date.now() - ignoredAt < reportEveryMs) return;
    ignoredAt = Date.now();
    ignore(`An announcement of ${name} from ${from || 'nowhere'} is ignored: ${why}.`);
  }

  /**
   * The library reports only new services. A new browser reports every service that answers, and the memory of the old
   * one is freed.
   */
  function query(): void {
    browser.stop();
    browser = browse();
    const before = Date.now() - forgetAfterMs;
    let forgot = false;
    for (const [url, at] of seenAt) if (at < before) forgot = seenAt.delete(url) || forgot;
    if (forgot) report();
  }

  function report(): void {
    emit({ urls: [...seenAt.keys()].sort().map((url) => `${url}${path}`), problem });
  }
}

function open(network: LocalNetwork, onProblem: (problem: string) => void): Bonjour {
  // A socket bound to the multicast address gets no unicast packets; Windows does not support that.
  const bind = process.platform === 'win32' ? network.interface : '224.0.0.251';
  // The library's types leave out the options that it passes to multicast-dns.
  const options = { interface: network.interface, bind, loopback: true } as object;
  return new Bonjour(options, (error: Error) => {
    onProblem(`Multicast DNS on ${network.interface} does not work: ${error.message}.`);
  });
}

/** Replaces the signature of an announcement in the library's stored answers, which it builds only once. */
function renew(bonjour: Bonjour, published: Service, txt: Readonly<Record<string, string>>): void {
  published.txt = txt;
  const { registry } = (bonjour as unknown as { server: { registry: Record<string, DnsRecord[]> } }).server;
  const fresh = (published as unknown as { records(): DnsRecord[] })
    .records()
    .find(({ type: kind }) => kind === 'TXT');
  for (const record of registry.TXT ?? []) if (record.name === fresh?.name) record.data = fresh.data;
}

interface DnsRecord {
  readonly type: string;
  readonly name: string;
  data: unknown;
}

/** Why the proof of an announcement is not valid; `undefined` when it is. */
function toProofProblem(
  { service = '', group = '', instance = '', url = '', at = '', proof }: Partial<Record<string, string>>,
  believed: ReturnType<ChainKeys['accepted']>,
): string | undefined {
  if (!(Math.abs(Date.now() - Number(at)) <= maxAgeMs))
    return 'it is older than five minutes, or a clock is wrong';
  const announcement = { service, group, instance, url, at };
  if (believed.some((key) => isSameProof(proof, proveAnnouncement(key, announcement)))) return undefined;
  return 'nothing proves that it is of this chain';
}

/** Creates the test for addresses of the interface's network. */
function createSubnetTest(address: string): (from: string) => boolean {
  const subnets = new BlockList();
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const found = own.find((one) => one.address === address && one.family === 'IPv4')?.cidr;
  const [net = address, bits = '32'] = found?.split('/') ?? [];
  subnets.addSubnet(net, Number(bits), 'ipv4');
  if (address.startsWith('127.')) subnets.addSubnet('127.0.0.0', 8, 'ipv4');
  return (from) => subnets.check(from, 'ipv4');
}
