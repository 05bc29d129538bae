/**
 * The chain as it is drawn: one box per service with all its instances, and the breakers on the edge behind it.
 *
 * Names come from the services themselves; until one has spoken, its name in the lab's settings stands for it.
 */
import type { BreakerReport, Lately } from '@holdfast/shared/telemetry/wire.ts';
import type { LabService, LabStatus } from '../../server/wire.ts';

/** One service with all its instances. */
export interface Group {
  readonly name: string;
  readonly instances: readonly LabService[];
}

/** A breaker with the instance that it belongs to. */
export interface ShownBreaker {
  /** Tells breakers apart, across instances. */
  readonly key: string;
  /** The service's name in paths of the lab's API. */
  readonly from: string;
  readonly service: LabService;
  /** How the instance is told apart from its siblings; `null` when it has none. */
  readonly instance: string | null;
  readonly report: BreakerReport;
  readonly lately: Lately | undefined;
}

/** What a service is called on the page. */
export function toServiceName(service: LabService): string {
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

/** Every breaker of a group. */
export function toBreakers({ instances }: Group): ShownBreaker[] {
  return instances.flatMap((service) => {
    const { status } = service;
    if (status === null) return [];
    return status.breakers.map((report) => ({
      key: toBreakerKey(service.name, status.instance, report.name),
      from: service.name,
      service,
      instance: instances.length > 1 ? status.instance : null,
      report,
      lately: status.lately[report.name],
    }));
  });
}

/** Tells one breaker from all others. */
export function toBreakerKey(from: string, instance: string, breaker: string): string {
  return `${from}/${instance}/${breaker}`;
}

/** The breaker that guards the calls to a group: the slow preset and the tour need to know it. */
export function toGuard(groups: readonly Group[], name: string): ShownBreaker | undefined {
  const place = groups.findIndex((group) => group.name === name);
  const before = groups[place - 1];
  return before === undefined ? undefined : toBreakers(before)[0];
}
