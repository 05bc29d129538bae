/**
 * Chooses one of several instances. A strategy is a pure comparison of candidates; instances.ts keeps their numbers and
 * leaves out those whose breaker lets no call pass.
 */

/** An instance that can be chosen. */
export interface Candidate {
  /** Calls under way to it. */
  readonly pending: number;
  /** A moving average of its response times in milliseconds; 0 while none is known. */
  readonly latencyMs: number;
  /** When it was chosen last, as a number that grows with every choice. */
  readonly chosenAt: number;
}

/** The names of the strategies. */
export const strategies = ['least-pending', 'round-robin', 'random', 'latency'] as const;

/** How an instance is chosen. */
export type Strategy = (typeof strategies)[number];

/** Chooses one candidate; `random` returns numbers from 0 to 1, 1 excluded. */
export function choose<C extends Candidate>(
  strategy: Strategy,
  candidates: readonly [C, ...C[]],
  random: () => number,
): C {
  switch (strategy) {
    case 'random':
      return at(candidates, Math.floor(random() * candidates.length));
    case 'round-robin':
      return best(candidates, longestAgo);
    case 'least-pending':
      return best(candidates, (a, b) => a.pending - b.pending || longestAgo(a, b));
    case 'latency': {
      // The better of two random ones: if every caller chose the fastest, it would be overloaded at once.
      const first = Math.floor(random() * candidates.length);
      const second = (first + 1 + Math.floor(random() * (candidates.length - 1))) % candidates.length;
      return best(
        [at(candidates, first), at(candidates, second)],
        (a, b) => cost(a) - cost(b) || longestAgo(a, b),
      );
    }
  }
}

/** Stays fair while instances come and go; an index into a changing list would not. */
function longestAgo(a: Candidate, b: Candidate): number {
  return a.chosenAt - b.chosenAt;
}

/** Expected time of a further call: the calls before it, and itself. */
function cost({ latencyMs, pending }: Candidate): number {
  return latencyMs * (pending + 1);
}

function best<C>(candidates: readonly [C, ...C[]], compare: (a: C, b: C) => number): C {
  return candidates.reduce((first, second) => (compare(second, first) < 0 ? second : first));
}

function at<C>(candidates: readonly [C, ...C[]], index: number): C {
  return candidates[index] ?? candidates[0];
}
