/**
 * The policy of a running hop: the range of each setting, and the check of what shall change.
 *
 * A running hop has every part, so none is `null`. The settings of its breakers are checked by breaker-settings.ts.
 */
import {
  type BreakerSettings,
  breakerRanges,
  parseBreakerSettings,
  type SettingRange,
} from './breaker-settings.ts';
import type { BudgetSettings } from './budget.ts';
import type { BulkheadSettings } from './bulkhead.ts';
import { InvalidSettingsError, type SettingIssue } from './errors.ts';
import { joinPointer } from './json-pointer.ts';

/** The policy of a hop that runs, from the outside in: a `Policy` of the model without `null`. */
export interface RunningPolicy {
  /** Longest time of a request, in milliseconds. */
  readonly deadlineMs: number;
  readonly bulkhead: BulkheadSettings;
  /** Attempts, the first included. */
  readonly attempts: number;
  readonly budget: BudgetSettings;
  readonly breaker: BreakerSettings;
  /** Longest time of one attempt in milliseconds. */
  readonly attemptTimeoutMs: number;
}

/** Settings to change; what is absent stays. */
export type PolicyChange = {
  readonly [Name in keyof RunningPolicy]?: RunningPolicy[Name] extends number
    ? number
    : Partial<RunningPolicy[Name]>;
};

/** One setting that changed; a setting of a part is named `part.setting`. */
export interface PolicySettingChange {
  readonly setting: string;
  readonly from: number;
  readonly to: number;
}

/** Settings of a policy were changed while it runs. The breaker of a hop with one address tells of its own. */
export interface PolicyChanged {
  /** `front→back`. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly changed: readonly PolicySettingChange[];
}

type Ranges<T> = { readonly [Name in keyof T]: T[Name] extends number ? SettingRange : Ranges<T[Name]> };

/** The range of every setting; both ends belong to it. */
export const policyRanges: Ranges<RunningPolicy> = Object.freeze({
  deadlineMs: { min: 100, max: 600_000, isInteger: true },
  bulkhead: {
    maxActive: { min: 1, max: 10_000, isInteger: true },
    maxQueued: { min: 0, max: 100_000, isInteger: true },
    waitMs: { min: 1, max: 60_000, isInteger: true },
  },
  attempts: { min: 1, max: 10, isInteger: true },
  budget: {
    ratio: { min: 0, max: 9, isInteger: false },
    minPerSecond: { min: 0, max: 1000, isInteger: false },
  },
  breaker: breakerRanges,
  attemptTimeoutMs: { min: 10, max: 60_000, isInteger: true },
});

/** Why one setting cannot be changed while the service runs, after its name. */
export const whyDeadlineIsFixed =
  'cannot be changed while the service runs, because the leases of stored work are as long; set REQUEST_TIMEOUT_MS and restart it';

/** What `null` would mean for a part, and how to get it. */
const withoutPart = {
  bulkhead: 'cannot be null: a running hop keeps its bound; the largest maxActive is 10000',
  budget: 'cannot be null: a ratio of one less than attempts, or more, bounds no retry',
  breaker:
    'cannot be null: to let every call pass for a time, PATCH /breakers/:name with {"force": "disabled"}',
} as const;

/** The time that a probe gets: that of a call, and a second in which the caller itself may end it. */
export function toProbeTimeoutMs(attemptTimeoutMs: number): number {
  return attemptTimeoutMs + 1000;
}

/**
 * Checks an untrusted change of a policy. When the time of an attempt changes and that of a probe is not named, the probe
 * goes with it.
 *
 * @throws {InvalidSettingsError} when anything is unknown, out of its range or cannot be changed; it names all of them.
 */
export function parsePolicyChange(given: unknown, present: RunningPolicy): PolicyChange {
  const issues = toIssues(given, { ...policyRanges, deadlineMs: { only: present.deadlineMs } }, '');
  if (issues.length > 0) {
    const details = issues.map(({ pointer, detail }) => `${toSettingName(pointer)} ${detail}`);
    throw new InvalidSettingsError(`Invalid policy: ${details.join('; ')}.`, issues);
  }
  const change = given as PolicyChange;
  const { attemptTimeoutMs } = change;
  if (attemptTimeoutMs === undefined || attemptTimeoutMs === present.attemptTimeoutMs) return change;
  return {
    ...change,
    breaker: { probeTimeoutMs: toProbeTimeoutMs(attemptTimeoutMs), ...change.breaker },
  };
}

/** The policy with a change that was checked. */
export function applyPolicyChange(present: RunningPolicy, change: PolicyChange): RunningPolicy {
  return {
    ...present,
    ...change,
    bulkhead: { ...present.bulkhead, ...change.bulkhead },
    budget: { ...present.budget, ...change.budget },
    breaker: parseBreakerSettings(change.breaker ?? {}, present.breaker),
  };
}

/** Lists the settings that differ, in the sequence of {@link policyRanges}. */
export function toPolicyChanges(from: RunningPolicy, to: RunningPolicy): PolicySettingChange[] {
  const before = toFlat(from);
  const after = toFlat(to);
  return [...before].flatMap(([setting, value]) => {
    const now = after.get(setting) ?? value;
    return now === value ? [] : [{ setting, from: value, to: now }];
  });
}

/** Every setting with its value; those of a part are named `part.setting`. */
function toFlat(policy: RunningPolicy): Map<string, number> {
  const flat = new Map<string, number>();
  for (const name of Object.keys(policyRanges) as (keyof RunningPolicy)[]) {
    const value = policy[name];
    if (typeof value === 'number') flat.set(name, value);
    else for (const [own, of] of Object.entries(value)) flat.set(`${name}.${own}`, of);
  }
  return flat;
}

function toSettingName(pointer: string): string {
  return pointer === '' ? 'it' : pointer.slice(1).replaceAll('/', '.');
}

function toIssues(given: unknown, ranges: object, at: string): SettingIssue[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const [, part = ''] = /^\/(\w+)$/.exec(at) ?? [];
    const isNoPart = given === null && Object.hasOwn(withoutPart, part);
    const detail = isNoPart
      ? withoutPart[part as keyof typeof withoutPart]
      : 'must be an object with settings';
    return [{ pointer: at, detail }];
  }
  return Object.entries(given).flatMap(([name, value]) => {
    const pointer = joinPointer(at, name);
    if (!Object.hasOwn(ranges, name)) return [{ pointer, detail: 'is not a setting of a policy' }];
    const range = ranges[name as keyof typeof ranges] as SettingRange | { only: number } | object;
    if ('only' in range) return value === range.only ? [] : [{ pointer, detail: whyDeadlineIsFixed }];
    if (!('isInteger' in range)) return toIssues(value, range, pointer);
    return isWithin(value, range) ? [] : [{ pointer, detail: toRangeSentence(value, range) }];
  });
}

function isWithin(value: unknown, { min, max, isInteger }: SettingRange): boolean {
  return typeof value === 'number' && value >= min && value <= max && (!isInteger || Number.isInteger(value));
}

function toRangeSentence(value: unknown, { min, max, isInteger }: SettingRange): string {
  const kind = isInteger ? 'a whole number' : 'a number';
  return `must be ${kind} from ${min} to ${max}, got ${JSON.stringify(value)}`;
}
