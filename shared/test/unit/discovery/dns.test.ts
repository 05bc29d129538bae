/** Who is behind a host name, by a resolver and a clock that the test holds. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Resolved, watchName } from '../../../src/discovery/dns.ts';
import type { Found, Source } from '../../../src/discovery/source.ts';

let answer: Resolved | Error;
let asked: number;
let told: Found[];
let source: Source;

beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
  told = [];
});
afterEach(async () => {
  await source.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function watch(first: Resolved | Error): Promise<void> {
  answer = first;
  source = watchName(
    { kind: 'dns', host: 'depot', port: 3000, path: '/create' },
    (found) => void told.push(found),
    async () => {
      asked += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  );
  await vi.advanceTimersByTimeAsync(0);
}
const behind = (...addresses: string[]): Resolved => ({ addresses, ttlSeconds: 2 });
const fault = (code: string) => Object.assign(new Error(code), { code });

it('tells every address as an instance, in a fixed sequence', async () => {
  await watch(behind('10.0.0.7', '10.0.0.5', 'fd00::1'));
  expect(told).toEqual([
    {
      urls: ['http://10.0.0.5:3000/create', 'http://10.0.0.7:3000/create', 'http://[fd00::1]:3000/create'],
      problem: undefined,
    },
  ]);
});

it.each([
  [0, 1000],
  [2, 2000],
  [600, 5000],
])('asks again after a time to live of %i s in %i ms', async (ttlSeconds, ms) => {
  await watch({ addresses: ['10.0.0.5'], ttlSeconds });
  await vi.advanceTimersByTimeAsync(ms - 1);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toBe(2);
});

it('knows nobody behind a name that does not exist, and says so', async () => {
  await watch(behind('10.0.0.5'));
  answer = fault('ENOTFOUND');
  await vi.advanceTimersByTimeAsync(2000);
  expect(told.at(-1)).toEqual({ urls: [], problem: 'The name depot cannot be resolved (ENOTFOUND).' });
});

it('keeps the last addresses while the resolver does not answer, and replaces them when it does', async () => {
  await watch(behind('10.0.0.5'));
  answer = fault('ETIMEOUT');
  await vi.advanceTimersByTimeAsync(2000);
  expect(told.at(-1)).toEqual({
    urls: ['http://10.0.0.5:3000/create'],
    problem: 'The name depot cannot be resolved (ETIMEOUT).',
  });
  answer = behind('10.0.0.6');
  await vi.advanceTimersByTimeAsync(1000);
  expect(told.at(-1)).toEqual({ urls: ['http://10.0.0.6:3000/create'], problem: undefined });
});
