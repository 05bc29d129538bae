/** What the judge reads of `/metrics`. */
import { describe, expect, it } from 'vitest';
import {
  countAbove,
  countersBetween,
  estimateMs,
  parseReading,
  sumCounters,
} from '../../../canary/scrape.ts';

const scrape = (count: number, pending: number) => `
http_server_request_duration_seconds_bucket{le="0.1",method="POST",route="/create",status="200"} ${count - 1}
http_server_request_duration_seconds_bucket{le="+Inf",method="POST",route="/create",status="200"} ${count}
http_server_request_duration_seconds_count{method="POST",route="/create",status="200"} ${count}
http_server_request_duration_seconds_count{method="POST",route="/create",status="202"} ${pending}
http_server_request_duration_seconds_count{method="GET",route="/readyz",status="200"} 9
breaker_transitions_total{breaker="a→b",from="closed",to="open",reason="threshold"} 2
breaker_transitions_total{breaker="a→b",from="open",to="half_open",reason="open-time-over"} 5
relay_age_seconds 1.5
`;

it('counts creates, what was left pending, and breakers that opened', () => {
  expect(parseReading(scrape(10, 3))).toEqual({
    answered: 13,
    good: 13,
    pending: 3,
    within: new Map([
      [0.1, 9],
      [Number.POSITIVE_INFINITY, 10],
    ]),
    opened: 2,
    oldestPendingS: 1.5,
  });
});

it('the difference of two readings is what happened between them', () => {
  const { answered, pending, opened, within } = countersBetween(
    parseReading(scrape(10, 3)),
    parseReading(scrape(30, 5)),
  );
  expect({ answered, pending, opened, slow: countAbove(within, 100) }).toEqual({
    answered: 22,
    pending: 2,
    opened: 0,
    slow: 0,
  });
});

it('an instance that was started anew in between began at nothing', () => {
  expect(countersBetween(parseReading(scrape(30, 5)), parseReading(scrape(10, 3))).answered).toBe(13);
});

it('several instances are counted together', () => {
  const one = parseReading(scrape(10, 3));
  expect(sumCounters([one, one])).toMatchObject({ answered: 26, pending: 6, opened: 4 });
});

describe('a quantile is estimated from buckets', () => {
  const within = new Map([
    [0.1, 50],
    [0.2, 100],
    [Number.POSITIVE_INFINITY, 100],
  ]);
  it.each([
    [0.5, 100],
    [0.75, 150],
    [1, 200],
  ])('%f lies at %i ms', (share, ms) => {
    expect(estimateMs(within, share)).toBeCloseTo(ms);
  });
  it('and is unknown without samples', () => {
    expect(estimateMs(new Map(), 0.99)).toBeUndefined();
  });
  it('and what is above the last bound counts as the last bound', () => {
    const slow = new Map([
      [1, 0],
      [Number.POSITIVE_INFINITY, 4],
    ]);
    expect(estimateMs(slow, 0.99)).toBe(1000);
  });
});
