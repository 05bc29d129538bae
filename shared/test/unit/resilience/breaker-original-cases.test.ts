/** The eight cases of the original project, each proved by the test that bears its name (docs/breaker.md maps them). */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHarness, type Harness } from './breaker-harness.ts';

let h: Harness;

beforeEach(() => {
  vi.useFakeTimers();
  h = createHarness();
});

afterEach(() => {
  h.breaker.stop();
  vi.useRealTimers();
});

it('case 1, green: without an error the circuit stays closed and nothing changes', async () => {
  await h.repeat(20, 'success');

  expect(h.breaker.view()).toMatchObject({ state: 'closed', strained: false });
  expect(h.transitions).toEqual([]);
});

it('case 2, yellow: the first error strains the circuit and begins the time of this state', async () => {
  await h.repeat(3, 'success');
  await h.call('failure');

  expect(h.breaker.view()).toMatchObject({
    state: 'closed',
    strained: true,
    window: { calls: 4, failures: 1 },
  });
});

it('case 3, yellow: successes after it do not end the strain before its time is over', async () => {
  await h.repeat(3, 'success');
  await h.call('failure');
  await vi.advanceTimersByTimeAsync(9_999);
  await h.repeat(3, 'success');

  expect(h.breaker.view()).toMatchObject({ state: 'closed', strained: true });
});

it('case 4, green: once that time is over the circuit is plainly closed again', async () => {
  await h.repeat(3, 'success');
  await h.call('failure');
  await vi.advanceTimersByTimeAsync(10_000);
  await h.call('success');

  expect(h.breaker.view()).toMatchObject({
    state: 'closed',
    strained: false,
    window: { calls: 1, failures: 0 },
  });
});

it('case 5, red: enough errors within that time open the circuit', async () => {
  await h.repeat(2, 'success');
  await h.repeat(2, 'failure');
  expect(h.breaker.view().state).toBe('closed');
  await h.call('failure');

  expect(h.breaker.view()).toMatchObject({
    state: 'open',
    openedBecause: { calls: 5, failures: 3, ratio: 0.6 },
  });
});

it('case 6, red: while it is open every request is blocked and none reaches the target', async () => {
  await h.repeat(5, 'failure');
  await vi.advanceTimersByTimeAsync(9_999);

  expect(await h.call('success')).toBe('rejected');
  expect(h.breaker.view().state).toBe('open');
});

it('case 7, red: an error after the open time starts the open time over', async () => {
  await h.repeat(5, 'failure');
  await vi.advanceTimersByTimeAsync(10_000);

  expect(await h.call('failure')).toBe('passed');
  expect(h.breaker.view()).toMatchObject({ state: 'open', openedAt: Date.now(), failedProbes: 1 });
  expect(await h.call('success')).toBe('rejected');
});

it('case 8: a success after the open time ends the red state and its window begins again', async () => {
  await h.repeat(5, 'failure');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(h.breaker.view().state).toBe('half_open');

  expect(await h.call('success')).toBe('passed');
  expect(h.breaker.view()).toMatchObject({
    state: 'closed',
    strained: false,
    window: { calls: 0, failures: 0 },
  });
});
