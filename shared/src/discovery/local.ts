/**
 * Finds instances on the local network without configuration, by multicast DNS (RFC 6762), and announces this one.
 * The only importer of bonjour-service.
 *
 * A group keeps the chains of one network apart. The interface is the loopback unless it is named: nothing leaves the
 * machine by default. Who leaves says goodbye; who was killed cannot, and is forgotten when three questions in a row
 * found no answer (until then its breaker keeps calls away).
 */
import { Bonjour, type Browser, type Service } from 'bonjour-service';
import type { Address } from '../resilience/addresses.ts';
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

/** Announces this instance until it is stopped; `complain` hears why it cannot. */
export function announceLocally(
  { service, instance, url }: Announced,
  network: LocalNetwork,
  complain: (problem: string) => void,
): Source {
  const bonjour = open(network, complain);
  bonjour.publish({
    name: `${network.group}/${instance}`,
    type,
    port: Number(new URL(url).port || 80),
    txt: { service, group: network.group, url },
    // The names are unique already, and asking the network whether they are would delay the announcement.
    probe: false,
    disableIPv6: true,
  });
  return {
    stop: () =>
      new Promise((resolve) => {
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
  tell: (found: Found) => void,
): Source {
  let problem: string | undefined;
  const heardAt = new Map<string, number>();
  const bonjour = open(network, (why) => {
    problem = why;
    report();
  });
  const hear = (service: Service) => {
    const { service: theirs, group, url } = (service.txt ?? {}) as Partial<Record<string, string>>;
    if (theirs !== name || group !== network.group || url === undefined || !URL.canParse(url)) return;
    const isNew = !heardAt.has(url);
    heardAt.set(url, Date.now());
    if (isNew) report();
  };
  let browser = look();
  const timer = setInterval(ask, askEveryMs);
  timer.unref();

  return {
    async stop() {
      clearInterval(timer);
      browser.stop();
      bonjour.destroy();
    },
  };

  function look(): Browser {
    const fresh = bonjour.find({ type }, hear);
    return fresh.on('down', (service: Service) => {
      if (heardAt.delete(String(service.txt?.url))) report();
    });
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
    tell({ urls: [...heardAt.keys()].sort().map((url) => `${url}${path}`), problem });
  }
}

function open(network: LocalNetwork, complain: (problem: string) => void): Bonjour {
  // The library's types leave out what it hands on to multicast-dns.
  const options = { interface: network.interface, bind: '0.0.0.0', loopback: true } as object;
  return new Bonjour(options, (error: Error) => {
    complain(`Multicast DNS on ${network.interface} does not work: ${error.message}.`);
  });
}
