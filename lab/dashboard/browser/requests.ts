/**
 * The requests of the lab's API, as values. Names of services and breakers are encoded here and nowhere else.
 */
import { type ShownBreaker, toGroups } from '../model/chain.ts';
import type { NamedFault } from '../model/faults.ts';
import type { PageState } from '../model/page-state.ts';
import type { ApiRequest } from './api.ts';

/** The default rate in orders per second. */
export const usualRate = 20;

/** Creates the functions that make requests; `page` returns the present state. */
export function createRequests(page: () => PageState) {
  const groups = () => toGroups(page().lab.status);

  /** The paths of a service; its instances mostly share one. */
  function toPaths(service: string): string[] {
    const group = groups().find(({ name }) => name === service);
    const names = new Set((group?.instances ?? []).map(({ name }) => name));
    return [...names].map((name) => `/api/services/${encodeURIComponent(name)}`);
  }

  const toFaultPaths = (service: string, name: string, instance: string | null) =>
    toPaths(service).map((path) => `${path}/faults/${encodeURIComponent(name)}${toQuery(instance)}`);

  function clearFaults(service: string, instance: string | null = null): ApiRequest[] {
    return toPaths(service).map((path) => ({ method: 'DELETE', path: `${path}/faults${toQuery(instance)}` }));
  }

  return {
    clearFaults,
    setTraffic(on: boolean, ratePerSecond?: number): ApiRequest {
      const { rate, lab } = page();
      const body = {
        on,
        ratePerSecond: ratePerSecond ?? rate ?? lab.status?.traffic.ratePerSecond ?? usualRate,
      };
      return { method: 'PUT', path: '/api/traffic', body };
    },
    /** At one instance, or with `null` at all of them. */
    setFault(service: string, { name, fault }: NamedFault, instance: string | null = null): ApiRequest[] {
      return toFaultPaths(service, name, instance).map((path) => ({ method: 'PUT', path, body: fault }));
    },
    endFault(service: string, name: string, instance: string | null = null): ApiRequest[] {
      return toFaultPaths(service, name, instance).map((path) => ({ method: 'DELETE', path }));
    },
    /**
     * At every service, also where no fault is known yet; services that are away are left out, so that they do not
     * block the others.
     */
    endFaults(): ApiRequest[] {
      const reachable = groups().filter(({ instances }) => instances.some(({ connected }) => connected));
      return reachable.flatMap(({ name }) => clearFaults(name));
    },
    change({ from, report }: ShownBreaker, body: object): ApiRequest {
      const path = `/api/services/${encodeURIComponent(from)}/breakers/${encodeURIComponent(report.name)}`;
      return { method: 'PATCH', path, body };
    },
  };
}

function toQuery(instance: string | null): string {
  return instance === null ? '' : `?instance=${encodeURIComponent(instance)}`;
}
