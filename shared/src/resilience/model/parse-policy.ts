/** Checks an untrusted policy, and fills in what it leaves out. */
import { breakerDefaults, parseBreakerSettings } from '../breaker-settings.ts';
import { policyRanges, toProbeTimeoutMs } from '../policy-settings.ts';
import { type Policy, policyDefaults } from './policy.ts';
import { createSettingCheck, type SettingCheck } from './setting-check.ts';

/** A policy of which any part may be left out; `null` turns a part off. */
export interface PartialPolicy {
  readonly deadlineMs?: number | null | undefined;
  readonly bulkhead?: Partial<NonNullable<Policy['bulkhead']>> | null | undefined;
  readonly attempts?: number | undefined;
  readonly budget?: Partial<NonNullable<Policy['budget']>> | null | undefined;
  readonly breaker?: Partial<NonNullable<Policy['breaker']>> | null | undefined;
  readonly attemptTimeoutMs?: number | undefined;
}

/** As in a running service, but for times that only a caller within one process would choose. */
const ranges = {
  ...policyRanges,
  deadlineMs: { ...policyRanges.deadlineMs, min: 1 },
  attemptTimeoutMs: { ...policyRanges.attemptTimeoutMs, min: 1 },
};

/**
 * Checks an untrusted policy and merges it into `base`, field by field; a part that `base` has turned off begins with
 * its defaults. Where the time of an attempt changes and that of a probe is not named, the probe goes with it, as in a
 * running service.
 *
 * @throws {InvalidSettingsError} which names every field that is unknown, of another type or out of its range.
 */
export function parsePolicy(given: PartialPolicy, base: Policy = policyDefaults): Policy {
  const check = createSettingCheck('Invalid policy');
  const policy = check.fieldsOf(given, '', Object.keys(policyDefaults)) as PartialPolicy;
  const { deadlineMs, attempts } = policy;
  const attemptTimeoutMs = check.number(
    policy.attemptTimeoutMs,
    'attemptTimeoutMs',
    ranges.attemptTimeoutMs,
    base.attemptTimeoutMs,
  );
  const parsed: Policy = {
    deadlineMs:
      deadlineMs === null ? null : check.number(deadlineMs, 'deadlineMs', ranges.deadlineMs, base.deadlineMs),
    bulkhead: parsePart(check, policy, base, 'bulkhead'),
    attempts: check.number(attempts, 'attempts', ranges.attempts, base.attempts),
    budget: parsePart(check, policy, base, 'budget'),
    breaker: parseBreaker(check, policy.breaker, toBreakerBase(base, attemptTimeoutMs)),
    attemptTimeoutMs,
  };
  check.finish();
  return Object.freeze(parsed);
}

function parsePart<Part extends 'bulkhead' | 'budget'>(
  check: SettingCheck,
  policy: PartialPolicy,
  base: Policy,
  part: Part,
): Policy[Part] {
  const given = policy[part];
  if (given === undefined) return base[part];
  if (given === null) return null;
  const before: Readonly<Record<string, number>> = { ...(base[part] ?? policyDefaults[part]) };
  const fields = check.fieldsOf(given, part, Object.keys(ranges[part]));
  const merged = Object.entries(ranges[part]).map(([field, range]) => [
    field,
    check.number(fields[field], `${part}.${field}`, range, before[field]),
  ]);
  return Object.freeze(Object.fromEntries(merged));
}

function toBreakerBase({ breaker, attemptTimeoutMs: before }: Policy, attemptTimeoutMs: number) {
  if (breaker === null || attemptTimeoutMs === before) return breaker;
  return { ...breaker, probeTimeoutMs: toProbeTimeoutMs(attemptTimeoutMs) };
}

function parseBreaker(
  check: SettingCheck,
  given: PartialPolicy['breaker'],
  base: Policy['breaker'],
): Policy['breaker'] {
  if (given === undefined) return base;
  if (given === null) return null;
  const fields = check.fieldsOf(given, 'breaker', Object.keys(breakerDefaults));
  const known = Object.fromEntries(Object.entries(fields).filter(([field]) => field in breakerDefaults));
  const before = base ?? policyDefaults.breaker ?? breakerDefaults;
  return check.within('breaker', () => parseBreakerSettings(known, before), before);
}
