/** Who of several instances gets the next call, by a clock and dice that the test holds. */
import { afterEach, describe, expect, it } from 'vitest';
import { NoInstanceError } from '../../../src/errors.ts';
import type { Strategy } from '../../../src/resilience/balancer.ts';
import { type Breaker, createBreaker } from '../../../src/resilience/breaker.ts';
import { createInstances, type Instance, type Instances } from '../../../src/resilience/instances.ts';

let now = 1_000_000;
let dice = 0;
let isAlive = true;
let open: Instances[] = [];

afterEach(() => {
  for (const instances of open) instances.stop();
  open = [];
  dice = 0;
  isAlive = true;
});

const create = (strategy: Strategy, urls: readonly string[]) => {
  const instances = createInstances({
    name: 'back',
    strategy,
    slowStartMs: 10_000,
    clock: () => now,
    random: () => dice,
    isAlive: async () => isAlive,
    createBreaker: (url, among): Breaker =>
      createBreaker({ name: url, clock: () => now, ...among, settings: { minCalls: 2 } }),
  });
  open.push(instances);
  instances.set(urls);
  return instances;
};
const urlsOf = (times: number, instances: Instances) =>
  Array.from({ length: times }, () => instances.choose().url);
const fail = ({ breaker }: Instance) =>
  breaker.run(() => Promise.reject(new Error('sick')), { classify: () => 'failure' }).catch(() => undefined);
const succeed = ({ breaker }: Instance) => breaker.run(async () => undefined);

describe('round-robin', () => {
  it('gives every instance its turn, also after one has joined or left', () => {
    const instances = create('round-robin', ['a', 'b', 'c']);
    expect(urlsOf(6, instances)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    instances.set(['a', 'c', 'd']);
    expect(urlsOf(3, instances).sort()).toEqual(['a', 'c', 'd']);
  });

  it('takes one that was not tried yet, and a tried one when there is no other', () => {
    const instances = create('round-robin', ['a', 'b']);
    const first = instances.choose();
    const second = instances.choose(new Set([first]));
    expect(second).not.toBe(first);
    expect(instances.choose(new Set([first, second]))).toBeDefined();
  });
});

describe('least-pending', () => {
  it('takes the one with the fewest calls under way, and in turns among equals', () => {
    const instances = create('least-pending', ['a', 'b', 'c']);
    const end = instances.choose().begin();
    expect(urlsOf(4, instances)).toEqual(['b', 'c', 'b', 'c']);
    end(true);
    expect(instances.choose().url).toBe('a');
  });
});

describe('latency', () => {
  it('takes the faster of two', () => {
    const instances = create('latency', ['a', 'b']);
    for (const [index, ms] of [5, 50].entries()) {
      const end = instances.list()[index]?.begin();
      now += ms;
      end?.(true);
    }
    expect(urlsOf(5, instances)).toEqual(['a', 'a', 'a', 'a', 'a']);
  });

  it('tries a slow one again when its measurement is old', () => {
    const instances = create('latency', ['a', 'b']);
    const [a, b] = instances.list();
    const slow = b?.begin();
    now += 50;
    slow?.(true);
    now += 25_000;
    const fast = a?.begin();
    now += 5;
    fast?.(true);
    expect(instances.choose().url).toBe('b');
  });
});

describe('an instance that is sick', () => {
  it('is left out while its breaker is open, and comes back slowly', async () => {
    const instances = create('round-robin', ['a', 'b']);
    const [a] = instances.list() as [Instance];
    await fail(a);
    await fail(a);
    expect(urlsOf(4, instances)).toEqual(['b', 'b', 'b', 'b']);
    a.breaker.force('closed');
    dice = 0.5;
    expect(urlsOf(4, instances)).toEqual(['b', 'b', 'b', 'b']);
    now += 6_000;
    expect(new Set(urlsOf(4, instances))).toEqual(new Set(['a', 'b']));
  });

  it('is not left out as the last one as long as it answers now and then', async () => {
    const instances = create('round-robin', ['a', 'b']);
    const [a, b] = instances.list() as [Instance, Instance];
    await fail(a);
    await fail(a);
    await succeed(b);
    await fail(b);
    await fail(b);
    expect(b.breaker.view().state).toBe('closed');
    await fail(b);
    await fail(b);
    expect(b.breaker.view().state).toBe('open');
  });

  it('opens like any breaker when it is the only one', async () => {
    const instances = create('round-robin', ['a']);
    const [a] = instances.list() as [Instance];
    await succeed(a);
    await fail(a);
    await fail(a);
    expect(a.breaker.view().state).toBe('open');
  });
});

describe('an instance that falls sick after a good time', () => {
  const stateOf = ({ breaker }: Instance) => breaker.view().state;
  const three = async () => {
    const instances = create('round-robin', ['a', 'b', 'c']);
    const all = instances.list() as [Instance, Instance, Instance];
    for (const instance of all) for (let call = 0; call < 10; call += 1) await succeed(instance);
    return all;
  };

  it('is left out when its last calls all failed, though nine of ten in its window went well', async () => {
    const [a] = await three();
    await fail(a);
    expect(stateOf(a)).toBe('closed');
    await fail(a);
    expect(stateOf(a)).toBe('open');
    expect(a.breaker.view().openedBecause).toMatchObject({ calls: 2, failures: 2, ratio: 1 });
  });

  it('is kept while a call in between goes well', async () => {
    const [a] = await three();
    for (const step of [fail, succeed, fail, succeed, fail]) await step(a);
    expect(stateOf(a)).toBe('closed');
  });

  it('is kept when the others fail as well: the trouble is behind them', async () => {
    const [a, b, c] = await three();
    for (const other of [b, c]) {
      for (let call = 0; call < 8; call += 1) {
        await fail(other);
        await succeed(other);
      }
    }
    await fail(a);
    await fail(a);
    expect([a, b, c].map(stateOf)).toEqual(['closed', 'closed', 'closed']);
  });

  it('is kept by a threshold of 1, which never opens', async () => {
    const [a] = await three();
    a.breaker.configure({ thresholdRatio: 1 });
    isAlive = false;
    await fail(a);
    await fail(a);
    await a.doubt();
    expect(stateOf(a)).toBe('closed');
  });

  it('is left out after one time-out when it gives no sign of life', async () => {
    const [a] = await three();
    isAlive = false;
    await a.doubt();
    expect(stateOf(a)).toBe('open');
  });

  it('is kept after one time-out when it is alive, or when it is alone', async () => {
    const [a] = await three();
    await a.doubt();
    expect(stateOf(a)).toBe('closed');
    isAlive = false;
    const [alone] = create('round-robin', ['a']).list() as [Instance];
    await alone.doubt();
    expect(stateOf(alone)).toBe('closed');
  });
});

describe('no instance', () => {
  it('is an error of its own, and somebody hears when one appears', () => {
    const instances = create('random', []);
    let appeared = 0;
    instances.onAppear(() => {
      appeared += 1;
    });
    expect(() => instances.choose()).toThrow(NoInstanceError);
    expect(instances.lets()).toBe(false);
    instances.set(['a']);
    instances.set(['a', 'b']);
    expect(appeared).toBe(1);
  });
});

describe('one that asks for patience', () => {
  it('is asked after the others until its time is over', () => {
    const instances = create('round-robin', ['a', 'b', 'c']);
    instances.list()[0]?.rest(1000);
    expect(new Set(urlsOf(6, instances))).toEqual(new Set(['b', 'c']));
    now += 1000;
    expect(new Set(urlsOf(6, instances))).toEqual(new Set(['a', 'b', 'c']));
  });

  it('takes new calls when there is no other, and is left alone by old work', () => {
    const instances = create('round-robin', ['a']);
    instances.list()[0]?.rest(1000);
    expect([instances.lets(), instances.choose().url]).toEqual([false, 'a']);
    now += 999;
    expect(instances.lets()).toBe(false);
    now += 1;
    expect(instances.lets()).toBe(true);
  });

  it('rests no longer once it has answered', () => {
    const instances = create('round-robin', ['a']);
    instances.list()[0]?.rest(60_000);
    instances.choose().begin()(false);
    expect(instances.lets()).toBe(false);
    instances.choose().begin()(true);
    expect(instances.lets()).toBe(true);
  });

  it('is no other for who was asked already', () => {
    const instances = create('round-robin', ['a', 'b']);
    const [a, b] = instances.list();
    expect(instances.lets(new Set(a && [a]))).toBe(true);
    b?.rest(1000);
    expect(instances.lets(new Set(a && [a]))).toBe(false);
  });
});

describe('one that is of no use', () => {
  it('is asked after the others for a while, and keeps nobody from trying it when it is alone', () => {
    const instances = create('round-robin', ['a', 'b']);
    const [a] = instances.list();
    a?.avoid(5000);
    expect(urlsOf(2, instances)).toEqual(['b', 'b']);
    instances.set(['a']);
    expect([instances.lets(), instances.choose().url]).toEqual([true, 'a']);
    instances.set(['a', 'b']);
    now += 5000;
    expect(new Set(urlsOf(2, instances))).toEqual(new Set(['a', 'b']));
  });
});
