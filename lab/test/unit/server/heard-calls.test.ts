/** Steps of documents told as calls of a hop. */
import { expect, it } from 'vitest';
import type { DocumentStep } from '../../../../shared/src/observability/events.ts';
import { createHeardCalls } from '../../../server/heard-calls.ts';
import type { TraceCall } from '../../../traces/trace.ts';

const url = 'http://127.0.0.1:3001/create';
const handedOn = (outcome: string, attempts: DocumentStep['attempts'] = []) => ({
  ...{ step: 'handed-on' as const, at: 5000, ms: 700, attempts },
  next: { name: 'payment', outcome },
});

function hear() {
  const heard = createHeardCalls();
  const calls: TraceCall[] = [];
  const leave = heard.listen('order→payment', (call) => void calls.push(call));
  return { heard, calls, leave };
}

it('each attempt is a call, and the later ones of a delivery are retries', () => {
  const { heard, calls } = hear();
  const attempts = [
    { at: 4300, ms: 600, url, outcome: 'attempt-timeout' },
    { at: 4950, ms: 20, url, outcome: 'neighbour-failed' },
    { at: 4980, ms: 20, url, outcome: 'done' },
  ];
  heard.take('order', handedOn('done', attempts));
  const instance = '127.0.0.1:3001';
  expect(calls).toEqual([
    { t: 4300, ms: 600, outcome: 'timeout', instance },
    { t: 4950, ms: 20, outcome: 'failed', instance, retry: true },
    { t: 4980, ms: 20, outcome: 'ok', instance, retry: true },
  ]);
});

it('a delivery that the breaker or the bulkhead refused is a rejected call', () => {
  const { heard, calls } = hear();
  heard.take('order', handedOn('breaker-open'));
  expect(calls).toEqual([{ t: 4300, ms: 700, outcome: 'rejected' }]);
});

it('an answer to a client, another hop, an attempt without time, and all after the end are no calls', () => {
  const { heard, calls, leave } = hear();
  const attempts = [{ at: 4300, ms: 1, url, outcome: 'done' }];
  heard.take('order', { ...handedOn('done', attempts), step: 'answered' });
  heard.take('payment', handedOn('done', attempts));
  heard.take('order', handedOn('deadline-exceeded', [{ at: 1, ms: 1, url, outcome: 'deadline-exceeded' }]));
  leave();
  heard.take('order', handedOn('done', attempts));
  expect(calls).toEqual([]);
});
