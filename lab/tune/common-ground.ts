/** What settings that fail have in common: the one or two conditions that most of them meet and few others do. */
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import { toSettingWords } from './setting-words.ts';
import type { SearchedSetting } from './space.ts';

/** A description of the ones that were found. */
export interface CommonGround {
  readonly words: string;
  /** How many of those that fail meet it. */
  readonly failing: number;
  /** How many meet it in all. */
  readonly all: number;
}

interface Condition {
  readonly path: string;
  readonly words: string;
  readonly meets: readonly boolean[];
}

/** A description must fit more than half of what fails, and at least two of three that it fits must fail. */
const [leastShare, leastPurity] = [0.5, 0.66];
/** With fewer nothing is said of all. */
const fewest = 5;

/** Finds the description; `null` where there is none that says something. */
export function findCommonGround(
  space: readonly SearchedSetting[],
  policies: readonly Policy[],
  failing: readonly boolean[],
): CommonGround | null {
  const failed = failing.filter(Boolean).length;
  if (failed < fewest || failed === policies.length) return null;
  const single = space.flatMap((setting) => toConditions(setting, policies));
  const pairs = single.flatMap((a, index) =>
    single
      .slice(index + 1)
      .filter((b) => b.path !== a.path)
      .map((b) => [a, b]),
  );
  let best: { readonly ground: CommonGround; readonly merit: number } | null = null;
  for (const conditions of [...single.map((one) => [one]), ...pairs]) {
    let [fits, all] = [0, 0];
    for (let index = 0; index < policies.length; index += 1) {
      if (!conditions.every(({ meets }) => meets[index])) continue;
      all += 1;
      if (failing[index]) fits += 1;
    }
    if (fits < leastShare * failed || fits < leastPurity * all || all > 0.9 * policies.length) continue;
    // Two conditions must say clearly more than one.
    const merit = (2 * fits) / (failed + all) - 0.05 * conditions.length;
    if (best !== null && merit <= best.merit) continue;
    best = {
      merit,
      ground: { words: conditions.map(({ words }) => words).join(' and '), failing: fits, all },
    };
  }
  return best?.ground ?? null;
}

function toConditions(setting: SearchedSetting, policies: readonly Policy[]): Condition[] {
  const given = policies.map((policy) => setting.get(policy));
  const { path, values } = setting;
  const known = values.filter((value) => value !== null);
  const upTo = known.slice(0, -1).map((most, index) => ({
    words: toSettingWords(setting, most, index === 0 ? undefined : 'or less'),
    meets: given.map((value) => value !== null && value <= most),
  }));
  const from = known.slice(1).map((least) => ({
    words: toSettingWords(setting, least, least === values.at(-1) ? undefined : 'or more'),
    meets: given.map((value) => value === null || value >= least),
  }));
  const none = values.includes(null)
    ? [{ words: toSettingWords(setting, null), meets: given.map((value) => value === null) }]
    : [];
  return [...upTo, ...from, ...none].map((one) => ({ ...one, path }));
}
