/**
 * The rules of docs/choosing-settings.md: from the numbers of a service to the settings of its caller, each with its
 * reason. Pure.
 *
 * The constants were chosen by measurement (sweeps.ts); a test holds the document to them.
 */
import type { RunningPolicy } from '@holdfast/shared/resilience/policy-settings.ts';
import { policyRanges, toProbeTimeoutMs } from '@holdfast/shared/resilience/policy-settings.ts';
import { type ServiceNumbers, toInFlight } from './numbers.ts';

/** The constants of the rules. */
export interface RuleConstants {
  /** Attempt timeout by the p99 of the neighbour. */
  readonly timeoutPerP99: number;
  readonly timeoutLeastMs: number;
  /** 1: all attempts must fit into the deadline at their longest; 0: one must. */
  readonly isSplit: 0 | 1;
  readonly attempts: number;
  readonly budgetRatio: number;
  readonly budgetPerSecond: number;
  readonly thresholdRatio: number;
  readonly minCalls: number;
  /** Calls that the window of one breaker shall hold; at least twice as many as `minCalls`. */
  readonly windowCalls: number;
  readonly windowLeastMs: number;
  readonly windowMostMs: number;
  readonly openMs: number;
  /** The longest open period, by the first. */
  readonly openMaxFactor: number;
  /** Slots by the calls that are under way when each takes as long as the p99. */
  readonly slotFactor: number;
  readonly slotsLeast: number;
  /** Places in the queue by slots. */
  readonly queueRatio: number;
  /** Longest wait for a slot by the deadline. */
  readonly waitRatio: number;
}

/** The constants that were measured best. */
export const ruleConstants: RuleConstants = Object.freeze({
  timeoutPerP99: 4,
  timeoutLeastMs: 100,
  isSplit: 0,
  attempts: 2,
  budgetRatio: 0.2,
  budgetPerSecond: 3,
  thresholdRatio: 0.5,
  minCalls: 5,
  windowCalls: 20,
  windowLeastMs: 2000,
  windowMostMs: 60_000,
  openMs: 1000,
  openMaxFactor: 2,
  slotFactor: 1.5,
  slotsLeast: 10,
  queueRatio: 0.5,
  waitRatio: 0.1,
});

/** What an attempt needs beside its own time: the way back, and the margin of the deadline. */
export const deadlineMarginMs = 50;
/** A caller whose deadline is shorter than so many p99 gets a warning. */
export const deadlinePerP99 = 3;
/** Failures that are more than this share on a good day leave a breaker nothing to tell apart. */
const errorMostRatio = 0.25;

/** One setting, why it has its value, and how the value came about. */
export interface Reason {
  readonly setting: string;
  readonly why: string;
}

/** Settings with their reasons. */
export interface Advice {
  readonly policy: RunningPolicy;
  /** One for each setting that follows from the numbers. */
  readonly reasons: readonly Reason[];
  /** What the numbers do not allow. */
  readonly warnings: readonly string[];
}

/** The settings for a service. */
export function toPolicy(numbers: ServiceNumbers, rules: RuleConstants = ruleConstants): Advice {
  const { p99Ms, deadlineMs, instances, callers } = numbers;
  const rate = numbers.ratePerSecond / callers;
  const perBreaker = rate / instances;
  const attemptTimeoutMs = toTimeoutMs(numbers, rules);
  const { minCalls, windowCalls } = rules;
  const windowMs = toRounded(
    within((1000 * windowCalls) / perBreaker, rules.windowLeastMs, rules.windowMostMs),
  );
  const slots = Math.ceil(rules.slotFactor * toInFlight(rate, p99Ms));
  const maxActive = within(slots, rules.slotsLeast, policyRanges.bulkhead.maxActive.max);
  const policy: RunningPolicy = {
    deadlineMs,
    attemptTimeoutMs,
    attempts: rules.attempts,
    budget: { ratio: rules.budgetRatio, minPerSecond: rules.budgetPerSecond },
    breaker: {
      thresholdRatio: rules.thresholdRatio,
      minCalls,
      windowMs,
      openMs: rules.openMs,
      openMaxMs: rules.openMs * rules.openMaxFactor,
      openFactor: 2,
      jitterRatio: 0.1,
      probeTimeoutMs: toProbeTimeoutMs(attemptTimeoutMs),
      probeSuccesses: 1,
    },
    bulkhead: {
      maxActive,
      maxQueued: Math.ceil(maxActive * rules.queueRatio),
      waitMs: Math.max(10, Math.round(deadlineMs * rules.waitRatio)),
    },
  };
  return {
    policy,
    reasons: toReasons(policy, numbers, rules),
    warnings: toWarnings(policy, numbers, perBreaker),
  };
}

function toTimeoutMs({ p99Ms, deadlineMs }: ServiceNumbers, rules: RuleConstants): number {
  const wanted = toRounded(Math.max(rules.timeoutLeastMs, rules.timeoutPerP99 * p99Ms));
  const room = Math.floor((deadlineMs - deadlineMarginMs) / (rules.isSplit ? rules.attempts : 1));
  const { min, max } = policyRanges.attemptTimeoutMs;
  // A split that leaves no room for a slow answer would fail calls while all is well.
  const most = Math.max(room, Math.min(deadlineMs, Math.ceil(1.5 * p99Ms)));
  return within(Math.min(wanted, most), min, max);
}

function toReasons(policy: RunningPolicy, numbers: ServiceNumbers, rules: RuleConstants): Reason[] {
  const { p99Ms, deadlineMs, instances, callers } = numbers;
  const { attemptTimeoutMs, bulkhead } = policy;
  const rate = numbers.ratePerSecond / callers;
  const slots = Math.ceil(rules.slotFactor * toInFlight(rate, p99Ms));
  const wanted = toRounded(Math.max(rules.timeoutLeastMs, rules.timeoutPerP99 * p99Ms));
  const perBreaker = toShort(rate / instances);
  return [
    {
      setting: 'deadlineMs',
      why: 'as long as whoever waits for the caller waits; nobody reads a later answer',
    },
    {
      setting: 'attemptTimeoutMs',
      why:
        attemptTimeoutMs < wanted
          ? `${rules.timeoutPerP99} × p99 would be ${wanted} ms; the deadline of ${deadlineMs} ms leaves ${attemptTimeoutMs} ms`
          : `${rules.timeoutPerP99} × p99 (${p99Ms} ms), at least ${rules.timeoutLeastMs} ms: an answer that is only slow still counts, and a retry of it would be work done twice`,
    },
    {
      setting: 'attempts',
      why: 'one retry mends a failure that was chance; more add load, and hardly a good answer',
    },
    {
      setting: 'budget.ratio',
      why: `retries are at most ${rules.budgetRatio * 100} % of the calls, beside ${rules.budgetPerSecond} a second: a neighbour in trouble gets that much more load, not twice as much`,
    },
    {
      setting: 'breaker.thresholdRatio',
      why: 'anything from 0.4 to 0.6 does; lower opens on trouble that a retry mends, higher sends more in vain',
    },
    {
      setting: 'breaker.minCalls',
      why: 'fewer let chance open it, more only delay it',
    },
    {
      setting: 'breaker.windowMs',
      why: `holds ${rules.windowCalls} calls at ${perBreaker}/s for each breaker, from ${rules.windowLeastMs / 1000} to ${rules.windowMostMs / 1000} s: as short as the calls allow, for it opens about half a window after an outage begins`,
    },
    {
      setting: 'breaker.openMs',
      why: 'a probe is one call, and each second open after the neighbour is back is a second of rejections',
    },
    {
      setting: 'breaker.openMaxMs',
      why: `${rules.openMaxFactor} × openMs: a longer outage does not mean that its end may be noticed later`,
    },
    {
      setting: 'bulkhead.maxActive',
      why:
        slots < rules.slotsLeast
          ? `${rules.slotFactor} × ${toShort(rate)}/s × p99 would be ${slots}; ${rules.slotsLeast} are the least, so that a few calls at once are no reason to reject one`
          : `${rules.slotFactor} × ${toShort(rate)}/s × p99, at least ${rules.slotsLeast}: below the calls that the neighbour ends within one attempt timeout, so that its queue cannot outlast them`,
    },
    {
      setting: 'bulkhead.maxQueued',
      why: `half of maxActive (${bulkhead.maxActive}): room for a burst; more helps nobody`,
    },
    {
      setting: 'bulkhead.waitMs',
      why: 'a tenth of the deadline: who waits longer has no time for an answer',
    },
  ];
}

function toWarnings(policy: RunningPolicy, numbers: ServiceNumbers, perBreaker: number): string[] {
  const { p99Ms, deadlineMs, errorRatio } = numbers;
  const { windowMs, minCalls } = policy.breaker;
  const inWindow = (perBreaker * windowMs) / 1000;
  return [
    ...(deadlineMs < deadlinePerP99 * p99Ms
      ? [
          `The deadline of ${deadlineMs} ms is less than ${deadlinePerP99} × p99 (${deadlinePerP99 * p99Ms} ms): a slow answer leaves no time for another attempt. A longer deadline saves more calls than any setting.`,
        ]
      : []),
    ...(inWindow < minCalls
      ? [
          `At ${toShort(perBreaker)} calls a second for each breaker the window holds ${toShort(inWindow)} calls, fewer than minCalls (${minCalls}): the breaker will hardly open. Timeout and bulkhead protect this service alone.`,
        ]
      : []),
    ...(errorRatio > errorMostRatio
      ? [
          `${toShort(errorRatio * 100)} % of failures on a good day is too near to the threshold: no breaker tells that day from an outage. Do not count these failures against the neighbour, or mend them.`,
        ]
      : []),
  ];
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Up, to two digits that a person would write. */
function toRounded(ms: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(ms)) - 1);
  return Math.ceil(Number((ms / step).toPrecision(9))) * step;
}

function toShort(value: number): number {
  return Number(value.toPrecision(2));
}
