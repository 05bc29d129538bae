/**
 * What each subject does, line by line, with the versions in package-lock.json.
 *
 * A version that behaves differently turns the suite red: look at it, then write down here what it does now.
 */

import type { Cell } from './matrix.ts';
import type { SubjectKind } from './subject.ts';

/** The expected cells by subject; the first is line 1. */
export const expected: Readonly<Record<SubjectKind['name'], readonly Pick<Cell, 'holds' | 'saw'>[]>> = {
  adapter: [
    { holds: true, saw: 'opens at failure 5 of 5' },
    { holds: true, saw: 'closed at 5 of 10, open at 6 of 11' },
    { holds: true, saw: '1 failure and 9 rejections read 100 %' },
    { holds: true, saw: 'after an old success half_open, after an old failure half_open' },
    { holds: true, saw: 'half_open after an ignored probe, the next call passes' },
    { holds: true, saw: 'closed, then one failure: closed' },
    { holds: true, saw: '10 calls at once on a healthy neighbour with 1 slot: closed' },
    { holds: true, saw: '2 slots let 2 calls run at once' },
    { holds: true, saw: 'aborts: own' },
    { holds: true, saw: '10 min after a hanging probe the next call passes' },
    { holds: true, saw: 'told timeout, latencies kept: 1' },
    { holds: true, saw: 'openedAt right, probeAt right, 5/5 > 0.5' },
    { holds: true, saw: 'held 5 s: forced_open before, closed after, disabled tells 1 of 1' },
    { holds: true, saw: 'minCalls 5 → 2, then 2 failures: open; says minCalls 5 → 2, window cleared' },
    { holds: true, saw: 'open for 1000, 2000, 4000 ms; of 2 good probes: half_open, closed' },
    { holds: true, saw: 'unchanged' },
  ],
  opossum: [
    { holds: false, saw: 'opens at failure 1 of 1' },
    { holds: true, saw: 'closed at 5 of 10, open at 6 of 11' },
    { holds: false, saw: '1 failure and 9 rejections read 10 %' },
    { holds: false, saw: 'after an old success closed, after an old failure closed' },
    { holds: false, saw: 'closed after an ignored probe, the next call passes' },
    { holds: false, saw: 'closed, then one failure: open' },
    { holds: false, saw: '10 calls at once on a healthy neighbour with 1 slot: open' },
    { holds: false, saw: '2 slots let 10 calls run at once' },
    { holds: false, saw: 'aborts: own, sibling, next' },
    { holds: false, saw: '10 min after a hanging probe the next call does not pass' },
    { holds: false, saw: 'told timeout + failure, latencies kept: 2' },
    { holds: false, saw: 'openedAt wrong by 3000 ms, no probeAt, no cause' },
    { holds: false, saw: 'held 5 s: half_open before, half_open after, disabled tells 0 of 1' },
    { holds: false, saw: 'minCalls 5 → 2, then 2 failures: closed; says nothing' },
    { holds: false, saw: 'open for 1000, 1000, 1000 ms; of 2 good probes: closed, closed' },
    { holds: false, saw: 'writes its defaults into them' },
  ],
  cockatiel: [
    { holds: true, saw: 'opens at failure 100 of 100' },
    { holds: true, saw: 'closed at 5 of 10, open at 6 of 11' },
    { holds: true, saw: '1 failure and 9 rejections read 100 %' },
    { holds: false, saw: 'after an old success half_open, after an old failure open' },
    { holds: false, saw: 'closed after an ignored probe, the next call passes' },
    { holds: true, saw: 'closed, then one failure: closed' },
    {
      holds: null,
      saw: 'its breaker has no capacity; the bulkhead is a policy of its own, in the order that the user writes',
    },
    { holds: null, saw: 'its breaker has neither slots nor a timeout; both are policies of their own' },
    { holds: true, saw: 'aborts: own' },
    { holds: false, saw: '10 min after a hanging probe the next call does not pass' },
    { holds: true, saw: 'told failure, latencies kept: none' },
    { holds: false, saw: 'openedAt right, no probeAt, no cause' },
    { holds: false, saw: 'held 5 s: isolated before, isolated after, cannot be disabled' },
    { holds: false, saw: 'minCalls 5 → 2, then 2 failures: closed; says nothing' },
    { holds: false, saw: 'open for 1000, 2000, 4000 ms; of 2 good probes: closed, closed' },
    { holds: true, saw: 'unchanged' },
  ],
};
