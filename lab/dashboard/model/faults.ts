/**
 * The faults of the page: the presets, the two sliders, and the form. Pure; browser/actions.ts sends them.
 *
 * The sliders and the presets share names, so that a preset moves the slider and replaces its fault.
 */
import type { FaultType, FaultView } from '@holdfast/shared/faults/fault-events.ts';
import { faultTtlMs } from '@holdfast/shared/faults/fault-ranges.ts';
import { type Group, toInstanceLabel } from './chain.ts';

/** What `PUT /faults/:name` takes, as far as the page asks for it. */
export interface FaultRequest {
  readonly type: FaultType;
  readonly phase?: 'before' | 'after';
  readonly rate?: number;
  readonly status?: number;
  readonly ms?: number;
  readonly jitterMs?: number;
  readonly match?: string;
  readonly times?: number;
  readonly seed?: number;
  readonly ttlMs: number;
}

/** A fault with the name that it gets. */
export interface NamedFault {
  readonly name: string;
  readonly fault: FaultRequest;
}

/** The names under which the sliders and presets act. */
const faultNames = { errors: 'errors', delay: 'delay', drop: 'drop' } as const;

/** How long a fault of the panel lasts: as long as one that says nothing of it. */
export const presetTtlMs = faultTtlMs.fallback;

/** The presets, in the sequence of their keys 1 to 4. */
export type Preset = 'down' | 'slow' | 'flaky' | 'drop';

/** All presets. */
export const presets: readonly Preset[] = ['down', 'slow', 'flaky', 'drop'];

/** Twice the attempt time-out of the breaker in front: slow enough that every call times out. */
export function toSlowMs(attemptTimeoutMs: number | null | undefined): number {
  return 2 * (attemptTimeoutMs ?? 1_500);
}

/** The text of a preset's button. */
export function toPresetWords(preset: Preset, service: string, slowMs: number): string {
  switch (preset) {
    case 'down':
      return `${service.charAt(0).toUpperCase()}${service.slice(1)} down`;
    case 'slow':
      return `Slow ${slowMs} ms`;
    case 'flaky':
      return 'Flaky 60%';
    case 'drop':
      return 'Drop connections';
  }
}

/** The fault that a preset sets. */
export function toPreset(preset: Preset, slowMs: number): NamedFault {
  const ttlMs = presetTtlMs;
  switch (preset) {
    case 'down':
      return {
        name: faultNames.errors,
        fault: { type: 'error', phase: 'before', rate: 1, status: 503, ttlMs },
      };
    case 'slow':
      return {
        name: faultNames.delay,
        fault: { type: 'latency', phase: 'before', rate: 1, ms: slowMs, ttlMs },
      };
    case 'flaky':
      return {
        name: faultNames.errors,
        fault: { type: 'error', phase: 'before', rate: 0.6, status: 503, ttlMs },
      };
    case 'drop':
      return { name: faultNames.drop, fault: { type: 'reset', phase: 'before', rate: 1, ttlMs } };
  }
}

/** The values of the two sliders of a service. */
export interface Sliders {
  /** Share of requests, 0 to 1. */
  readonly errorRatio: number;
  readonly delayMs: number;
}

/** The faults to set, and the names of faults to end, for the values of the sliders. */
export function toSliderFaults(sliders: Sliders): { readonly set: NamedFault[]; readonly end: string[] } {
  const { errorRatio, delayMs } = sliders;
  const errors = toPreset('flaky', 0);
  const delay = toPreset('slow', delayMs);
  return {
    set: [
      ...(errorRatio > 0 ? [{ ...errors, fault: { ...errors.fault, rate: errorRatio } }] : []),
      ...(delayMs > 0 ? [delay] : []),
    ],
    end: [...(errorRatio > 0 ? [] : [faultNames.errors]), ...(delayMs > 0 ? [] : [faultNames.delay])],
  };
}

/** The values of the sliders for the active faults of a service. */
export function toSliders(faults: readonly FaultView[]): Sliders {
  return {
    errorRatio: faults.find(({ name, type }) => name === faultNames.errors && type === 'error')?.rate ?? 0,
    delayMs: faults.find(({ name, type }) => name === faultNames.delay && type === 'latency')?.ms ?? 0,
  };
}

/** The faults of a service; of several instances each fault counts once. */
export function toFaults({ instances }: Group): FaultView[] {
  const faults = new Map<string, FaultView>();
  for (const { connected, status } of instances) {
    if (connected) for (const fault of status?.faults ?? []) faults.set(fault.name, fault);
  }
  return [...faults.values()];
}

/** A fault, and where it is on. */
export interface PlacedFault {
  readonly fault: FaultView;
  /** The only instance that is meant, as `host:port`; `null` when every reachable instance has the fault. */
  readonly instance: string | null;
  /** The label of that instance among the others. */
  readonly label: string | null;
}

/** The faults of a service: one that all instances have once, any other once for each instance that has it. */
export function toPlacedFaults(group: Group): PlacedFault[] {
  const reachable = group.instances.filter(({ connected }) => connected);
  return toFaults(group).flatMap(({ name }): PlacedFault[] => {
    const found: PlacedFault[] = reachable.flatMap((service) => {
      const fault = service.status?.faults.find((one) => one.name === name);
      if (fault === undefined) return [];
      return [{ fault, instance: toHostPort(service.url), label: toInstanceLabel(group, service) }];
    });
    const [first] = found;
    const isOne = first !== undefined && found.length === reachable.length && found.every(isLike(first));
    return isOne ? [{ fault: first.fault, instance: null, label: null }] : found;
  });
}

/** The address of an instance as the lab's API names it: `host:port`. */
export function toHostPort(url: string): string {
  return new URL(url).host;
}

/** A service with only one of its instances; `null`, or one that is gone, means all of them. */
export function toScope(group: Group, instance: string | null): Group {
  const instances = group.instances.filter(({ url }) => toHostPort(url) === instance);
  return instances.length === 0 ? group : { ...group, instances };
}

/** Whether two faults of one name do the same. */
function isLike({ fault }: PlacedFault): (other: PlacedFault) => boolean {
  return (other) => toShortFault(other.fault) === toShortFault(fault);
}

/** How many of several instances have a fault: `1 of 3: `; nothing when all of them have it. */
export function toShareWords({ instances }: Group, { name }: FaultView): string {
  const sick = instances.filter(({ status }) => status?.faults.some((fault) => fault.name === name));
  return sick.length === instances.length ? '' : `${sick.length} of ${instances.length}: `;
}

/** A short text of a fault: `60% errors 503`. */
export function toShortFault({ type, rate, status, ms }: FaultView): string {
  const share = rate < 1 ? `${Math.round(rate * 100)}% ` : '';
  switch (type) {
    case 'error':
      return `${share || '100% '}errors ${status}`;
    case 'latency':
      return `${share}slow by ${ms} ms`;
    case 'hang':
      return `${share}hangs`;
    case 'reset':
      return `${share}drops connections`;
    case 'crash':
      return `${share}crashes`;
    case 'unready':
      return type;
    default:
      return type satisfies never;
  }
}

/** Milliseconds that a fault has left by the service's clock; `null` when it ends only with the process. */
export function toLeftMs({ expiresAt }: FaultView, now: number): number | null {
  return expiresAt === null ? null : Math.max(0, expiresAt - now);
}
