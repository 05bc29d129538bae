/**
 * The chain as it is drawn: one box per service with all its instances, and the breakers on the edge behind it.
 *
 * Names come from the services; before the first status, the name in the lab's settings is used.
 */
import type { BreakerReport, RecentCalls } from '@holdfast/shared/observability/wire.ts';
import { toBreakerKey } from '../../server/breaker-key.ts';
import type { LabEntry, LabService, LabStatus } from '../../server/wire.ts';

/** One service with all its instances. */
export interface Group {
  readonly name: string;
  readonly instances: readonly LabService[];
}

/** A breaker with the instance that it belongs to. */
export interface ShownBreaker {
  /** Unique across instances. */
  readonly key: string;
  /** The service's name in paths of the lab's API. */
  readonly from: string;
  readonly service: LabService;
  /** What it guards, whichever instances: `order→payment`. */
  readonly route: string;
  /** Label of its instance among the instances of the service; `null` for a single one. */
  readonly instance: string | null;
  /** Label of the instance behind it; `null` for a breaker in front of one address. */
  readonly behind: string | null;
  readonly report: BreakerReport;
  readonly lately: RecentCalls | undefined;
}

/** All breakers with the same route, whichever instances they belong to and guard. */
export interface Route {
  readonly name: string;
  readonly breakers: readonly ShownBreaker[];
}

/** The name of a service on the page. */
function toServiceName(service: LabService): string {
  return service.status?.service ?? service.name;
}

/** Groups instances by name, in the sequence of the chain. */
export function toGroups(status: LabStatus | null): Group[] {
  const groups = new Map<string, LabService[]>();
  for (const service of status?.services ?? []) {
    const name = toServiceName(service);
    groups.set(name, [...(groups.get(name) ?? []), service]);
  }
  return [...groups].map(([name, instances]) => ({ name, instances }));
}

/** The name of the service that `from` belongs to, and its place in the chain; level 0 when it is unknown. */
export function toLevel(status: LabStatus | null, from: string): number {
  const groups = toGroups(status);
  return Math.max(
    0,
    groups.findIndex(({ instances }) => instances.some(({ name }) => name === from)),
  );
}

/** The label of an instance among the instances of its service; `null` for a single one. */
export function toInstanceLabel({ instances }: Group, service: LabService): string | null {
  if (instances.length < 2) return null;
  return toShortHost(
    new URL(service.url).host,
    instances.map(({ url }) => new URL(url).host),
  );
}

/** Whose event it is: the service, and the instance where it has several. */
export function toWho(groups: readonly Group[], entry: LabEntry): string {
  if (!('url' in entry)) return entry.service;
  const group = groups.find(({ instances }) => instances.some(({ url }) => url === entry.url));
  const service = group?.instances.find(({ url }) => url === entry.url);
  const label = group === undefined || service === undefined ? null : toInstanceLabel(group, service);
  return label === null ? entry.service : `${entry.service} ${label}`;
}

/**
 * The part of an address that differs from the others: `:3001` on one machine, `10.0.0.7` where the ports are alike.
 */
export function toShortHost(host: string, all: readonly string[]): string {
  const split = (one: string) => /^(.*?)(:\d+)?$/.exec(one)?.slice(1) ?? [];
  const [name = '', port = ''] = split(host);
  if (port !== '' && all.every((one) => split(one)[0] === name)) return port;
  return all.every((one) => (split(one)[1] ?? '') === port) ? name : host;
}

/** The breakers of a page by what they guard, in the sequence of the chain. */
export function toRoutes(breakers: readonly ShownBreaker[]): Route[] {
  const routes = Map.groupBy(breakers, ({ from, route }) => `${from}/${route}`);
  const byPlace = (a: ShownBreaker, b: ShownBreaker) => toPlaceWords(a).localeCompare(toPlaceWords(b));
  return [...routes.values()].map((alike) => ({
    name: alike[0]?.route ?? '',
    breakers: alike.sort(byPlace),
  }));
}

/** The instances that a breaker connects: `:3001 → :3022`. */
export function toPlaceWords({ instance, behind }: ShownBreaker): string {
  return [instance, behind].filter((end) => end !== null).join(' → ');
}

/** Every breaker of a group. */
export function toBreakers(group: Group): ShownBreaker[] {
  const { instances } = group;
  const hosts = instances.flatMap(({ status }) => status?.breakers.map(({ name }) => toHost(name)) ?? []);
  const behinds = hosts.filter((host) => host !== undefined);
  return instances.flatMap((service) => {
    const { status } = service;
    if (status === null) return [];
    return status.breakers.map((report) => {
      const behind = toHost(report.name);
      return {
        key: toBreakerKey(service.name, service.url, report.name),
        from: service.name,
        service,
        route: report.name.split('@')[0] ?? report.name,
        instance: toInstanceLabel(group, service),
        behind: behind === undefined ? null : toShortHost(behind, behinds),
        report,
        lately: status.lately[report.name],
      };
    });
  });
}

/** The address behind a breaker, from its name `order→payment@host:port`. */
function toHost(name: string): string | undefined {
  return name.split('@')[1];
}

/**
 * How many orders are kept and not finished. An order that waits at one service waits at every service before it, and
 * instances of a service share their documents, so the largest number counts each order once.
 */
export function toPending(groups: readonly Group[]): number {
  return Math.max(
    0,
    ...groups.flatMap(({ instances }) => instances).map(({ status }) => status?.relay?.pending ?? 0),
  );
}

/** The first of the breakers that guard the calls to a group: the slow preset and the tour use it. */
export function toGuard(groups: readonly Group[], name: string): ShownBreaker | undefined {
  return toGuards(groups, name)[0];
}

/**
 * The breakers that guard the calls to a group, each name once: the lab forwards a change to every instance that has
 * one.
 */
export function toGuards(groups: readonly Group[], name: string): ShownBreaker[] {
  const place = groups.findIndex((group) => group.name === name);
  const before = groups[place - 1];
  const guards = before === undefined ? [] : toBreakers(before);
  return [...new Map(guards.map((guard) => [guard.report.name, guard])).values()];
}
