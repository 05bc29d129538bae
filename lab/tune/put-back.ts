/**
 * Puts back to today's value what makes no difference, so that few settings change and each of them has a reason.
 *
 * A search over ten settings moves all ten; most of them do nothing in a given scenario.
 */
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import { toMean } from '../measure/statistics.ts';
import { type Candidate, toCandidate } from './candidate.ts';
import { type SearchedSetting, toDifferences } from './space.ts';
import type { RunTrials } from './trial.ts';

/** A policy with as few changes as possible. */
export interface PutBack {
  readonly policy: Policy;
  /** The changes that remain, the most important first, each with what putting it back alone would do. */
  readonly kept: readonly Kept[];
}

/** A change that remains. */
export interface Kept {
  readonly setting: SearchedSetting;
  /** With this setting as it is today. */
  readonly without: Candidate;
  /** With all of the changes, and the same seeds. */
  readonly withIt: Candidate;
}

/** What is needed to try. */
export interface PutBackOptions {
  readonly space: readonly SearchedSetting[];
  readonly today: Policy;
  readonly deadlineMs: number | null;
  readonly seeds: number;
  readonly runTrials: RunTrials;
}

/** A worse price up to this, in failed calls of a thousand or as a share, is no difference. */
const [leastPrice, leastShare] = [1, 0.02];

/** Simplifies a policy. */
export async function putBack(given: Policy, options: PutBackOptions): Promise<PutBack> {
  const { space, today } = options;
  const changed = toDifferences(space, given, today);
  const back = (policy: Policy, setting: SearchedSetting) => setting.set(policy, setting.get(today));
  const [whole, ...alone] = await judge([given, ...changed.map((setting) => back(given, setting))], options);
  if (whole === undefined) return { policy: given, kept: [] };
  const limit = toMean(whole.prices) + Math.max(leastPrice, leastShare * toMean(whole.prices));
  const isFine = ({ disqualified, prices }: Candidate) => disqualified === null && toMean(prices) <= limit;

  // The least important first: what seems to do nothing alone may do something once others are gone.
  const sequence = changed
    .map((setting, index) => ({ setting, price: toMean(alone[index]?.prices ?? []) }))
    .sort((a, b) => a.price - b.price);
  let policy = given;
  for (const { setting } of sequence) {
    const without = back(policy, setting);
    const [tried] = await judge([without], options);
    if (tried !== undefined && isFine(tried)) policy = without;
  }

  const remaining = toDifferences(space, policy, today);
  const [withIt, ...rest] = await judge(
    [policy, ...remaining.map((setting) => back(policy, setting))],
    options,
  );
  const kept = remaining
    .flatMap((setting, index) => {
      const without = rest[index];
      return without === undefined || withIt === undefined ? [] : [{ setting, without, withIt }];
    })
    .sort((a, b) => toMean(b.without.prices) - toMean(a.without.prices));
  return { policy, kept };
}

async function judge(
  policies: readonly Policy[],
  { today, seeds, deadlineMs, runTrials }: PutBackOptions,
): Promise<Candidate[]> {
  const all = [...policies, today];
  const measured = await runTrials(
    all.flatMap((policy) => Array.from({ length: seeds }, (_, nth) => ({ policy, nth }))),
  );
  const of = (index: number) => measured.slice(index * seeds, (index + 1) * seeds);
  return policies.map((policy, index) =>
    toCandidate(policy, { trials: of(index), beside: [], today: of(policies.length), deadlineMs }),
  );
}
