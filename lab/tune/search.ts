/**
 * Finds the best settings: many policies with one seed each, the better ones with more seeds, the best ones with most
 * (successive halving). The settings of today stay to the end, and all see the same calls.
 *
 * A policy is judged together with policies beside it, so that a winner does not depend on hitting a number exactly. In the end
 * every setting that changes nothing is put back to that of today. The second and the third do without the change that matters
 * most to those before them, so that they are another way and not the same one again; where no way is left, they are the next
 * of the ranking.
 */
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import { createRandom } from '../measure/random.ts';
import { byRank, type Candidate, toCandidate, toCosts } from './candidate.ts';
import { toBeside, toLatinHypercube } from './latin-hypercube.ts';
import { toParetoFront } from './pareto.ts';
import { type PutBack, putBack } from './put-back.ts';
import { rememberTrials } from './remember-trials.ts';
import type { SearchedSetting } from './space.ts';
import type { RunTrials } from './trial.ts';

/** What is searched, and how thoroughly. */
export interface SearchOptions {
  readonly space: readonly SearchedSetting[];
  readonly today: Policy;
  readonly deadlineMs: number | null;
  /** How many policies are spread over the space; a quarter more follow beside the best of them. */
  readonly count: number;
  /** Seeds of the last two rounds. */
  readonly seeds: { readonly some: number; readonly many: number };
  readonly seed: number;
  readonly runTrials: RunTrials;
  readonly onRound?: (text: string) => void;
}

/** What was found. */
export interface SearchResult {
  /** At most three, the best one first; none is disqualified, none is that of today. */
  readonly best: readonly Candidate[];
  readonly today: Candidate;
  /** Why each setting of the best one is not put back. */
  readonly kept: PutBack['kept'];
  /** All policies of the first round, today's aside. */
  readonly first: readonly Candidate[];
  /** Trials in all. */
  readonly trials: number;
}

const [mostOfFirst, mostOfSecond, mostSimplified, mostBest] = [8, 32, 16, 3];

/** Searches. The same options find the same. */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const { space, today, deadlineMs, count, seeds, onRound = () => {} } = options;
  const random = createRandom(options.seed);
  const { runTrials, made } = rememberTrials(options.runTrials);

  /** Judges policies with so many seeds; today's is the last one. */
  const judge = async (policies: readonly Policy[], own: number, beside: number): Promise<Candidate[]> => {
    const all = [...policies, today];
    const trials = all.flatMap((policy) => [
      ...Array.from({ length: own }, (_, nth) => ({ policy, nth })),
      ...Array.from({ length: beside }, (_, nth) => ({ policy: toBeside(space, policy, random), nth })),
    ]);
    const measured = await runTrials(trials);
    const each = own + beside;
    const ofToday = measured.slice(-each).slice(0, own);
    return all.map((policy, index) =>
      toCandidate(policy, {
        trials: measured.slice(index * each, index * each + own),
        beside: measured.slice(index * each + own, (index + 1) * each),
        ...{ today: ofToday, deadlineMs },
      }),
    );
  };

  onRound(`${count} settings, one seed each`);
  const spread = (await judge(toLatinHypercube(space, today, { count, random }), 1, 0)).slice(0, -1);
  const around = spread
    .toSorted(byRank)
    .slice(0, mostOfFirst)
    .flatMap(({ policy }) =>
      Array.from({ length: Math.ceil(count / 4 / mostOfFirst) }, () => toBeside(space, policy, random)),
    );
  const near = (await judge(around, 1, 0)).slice(0, -1);
  const first = [...spread, ...near];

  const second = first
    .toSorted(byRank)
    .slice(0, mostOfSecond)
    .map(({ policy }) => policy);
  onRound(`the best ${second.length}, ${seeds.some} seeds and as many neighbours each`);
  const better = (await judge(second, seeds.some, seeds.some)).slice(0, -1);

  onRound('what changes nothing is put back');
  const simplify = (policy: Policy) =>
    putBack(policy, { space, today, deadlineMs, seeds: seeds.some, runTrials });
  const distinct: PutBack[] = [];
  let pool = choose(better, deadlineMs ?? 0).slice(0, mostSimplified);
  for (let place = 0; place < mostBest; place += 1) {
    const [first] = pool;
    if (first === undefined) break;
    const simple = await simplify(first.policy);
    const [lever] = simple.kept;
    if (lever === undefined) break;
    distinct.push(simple);
    // The next one does without the change that matters most here: whoever cannot make it has another way.
    const others = pool.map(({ policy }) => lever.setting.set(policy, lever.setting.get(today)));
    pool = choose((await judge(others, seeds.some, 0)).slice(0, -1), deadlineMs ?? 0);
  }

  onRound(`the best ${distinct.length} and the current settings, ${seeds.many} seeds each`);
  const judgeWell = (found: readonly PutBack[]) =>
    judge(
      found.map(({ policy }) => policy),
      seeds.many,
      seeds.some,
    );
  const last = await judgeWell(distinct);
  const ofToday = last.at(-1) as Candidate;
  const isBetter = ({ disqualified, plateau }: Candidate) =>
    disqualified === null && plateau < ofToday.plateau;
  const best = last.slice(0, -1).filter(isBetter);
  if (best.length > 0 && best.length < mostBest) {
    const next = await findNext();
    const others = (await judgeWell(next)).slice(0, -1).filter(isBetter).sort(byRank);
    best.push(...others.slice(0, mostBest - best.length));
    distinct.push(...next);
  }
  best.sort(byRank);
  const kept = distinct.find(({ policy }) => policy === best[0]?.policy)?.kept ?? [];
  return { best, today: ofToday, kept, first, trials: made() };

  /** The next of the ranking that differ from all that were found in a setting that matters. */
  async function findNext(): Promise<PutBack[]> {
    const next: PutBack[] = [];
    const isKnown = (policy: Policy) =>
      [...distinct, ...next].some((one) =>
        one.kept.every(({ setting }) => setting.get(policy) === setting.get(one.policy)),
      );
    for (const { policy } of choose(better, deadlineMs ?? 0)) {
      if (next.length === mostBest) break;
      if (isKnown(policy)) continue;
      const simple = await simplify(policy);
      if (simple.kept.length > 0 && !isKnown(simple.policy)) next.push(simple);
    }
    return next;
  }
}

/** Those that may win: first those that no other one beats in everything, then the others; the best one of each first. */
function choose(candidates: readonly Candidate[], longestMs: number): Candidate[] {
  const fit = candidates.filter(({ disqualified }) => disqualified === null);
  const front = new Set(toParetoFront(fit.map((one) => toCosts(one, longestMs))));
  const isInFront = (_: Candidate, index: number) => front.has(index);
  const others = fit.filter((_, index) => !front.has(index));
  return [...fit.filter(isInFront).sort(byRank), ...others.sort(byRank)];
}
