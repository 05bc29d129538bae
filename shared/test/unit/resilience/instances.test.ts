/** Who of several instances gets the next call, by a clock and dice that the test holds. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Strategy } from '../../../src/resilience/balancer.ts';
import { type Breaker, createBreaker } from '../../../src/resilience/breaker.ts';
import { NoInstanceError } from '../../../src/resilience/errors.ts';
import { createInstances, type Instance, type Instances } from '../../../src/resilience/instances.ts';

let now = 1_000_000;
let dice = 0;
let isAlive = true;
/** Who was asked for a sign of life. */
let asked: string[] = [];
/** The breakers of those that are there no more. */
let gone: Breaker[] = [];
let open: Instances[] = [];

afterEach(() => {
  for (const instances of open) instances.stop();
  open = [];
  dice = 0;
  isAlive = true;
  asked = [];
  gone = [];
});

const create = (strategy: Strategy, urls: readonly string[], slowStartMs = 10_000) => {
  const instances = createInstances({
    name: 'back',
    strategy,
    slowStartMs,
    clock: () => now,
    random: () => dice,
    isAlive: async (url) => {
      asked.push(url);
      return isAlive;
    },
    onGone: (breaker) => gone.push(breaker),
    createBreaker: (url, peers): Breaker =>
      createBreaker({ name: url, clock: () => now, ...peers, settings: { minCalls: 2 } }),
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

  it('goes by an average in which the newest answer weighs a fifth, and which fades by half in 5 s', () => {
    const [a] = create('latency', ['a']).list() as [Instance];
    const take = (ms: number, answered = true) => {
      const end = a.begin();
      now += ms;
      end(answered);
      return a.latencyMs;
    };
    expect(a.latencyMs).toBe(0);
    expect(take(50)).toBe(50);
    expect(take(100)).toBe(60);
    expect(take(0)).toBe(48);
    now += 5_000;
    expect(a.latencyMs).toBe(24);
    expect(a.pending).toBe(0);
  });

  it('learns nothing from a call that was not answered, but that it is over', () => {
    const [a] = create('latency', ['a']).list() as [Instance];
    const end = a.begin();
    expect(a.pending).toBe(1);
    now += 50;
    end(false);
    expect(a).toMatchObject({ pending: 0, latencyMs: 0 });
  });
});

describe('an instance of the current list', () => {
  it('keeps its breaker when others come and go; the breaker of one that goes is stopped, and a listener is called', () => {
    const instances = create('round-robin', ['a', 'b']);
    const [a, b] = instances.list() as [Instance, Instance];
    instances.set(['b', 'c']);
    expect(instances.list().map(({ url }) => url)).toEqual(['b', 'c']);
    expect(instances.list()[0]).toBe(b);
    expect(gone).toEqual([a.breaker]);
    expect([a, b].map(({ breaker }) => breaker.isCallPermitted())).toEqual([false, true]);
  });

  it('comes back as a new one', () => {
    const instances = create('round-robin', ['a']);
    const [before] = instances.list();
    instances.set([]);
    instances.set(['a']);
    expect(instances.list()[0]).not.toBe(before);
    expect(instances.isCallPermitted()).toBe(true);
  });

  it('is stopped when all end', () => {
    const instances = create('round-robin', ['a', 'b']);
    instances.stop();
    expect(instances.isCallPermitted()).toBe(false);
    expect(instances.list().map(({ breaker }) => breaker.isCallPermitted())).toEqual([false, false]);
    expect(gone).toEqual([]);
  });

  it('gets a second attempt at another one, whatever the strategy would choose', () => {
    const instances = create('random', ['a', 'b']);
    const first = instances.choose();
    expect(first.url).toBe('a');
    expect(instances.choose(new Set([first])).url).toBe('b');
  });
});

describe('when no breaker lets a call pass', () => {
  it('the one that will first is chosen, alone', async () => {
    const instances = create('round-robin', ['a', 'b', 'c']);
    const all = instances.list() as [Instance, Instance, Instance];
    for (const [index, ms] of [2_000, 0, 1_000].entries())
      all[index]?.breaker.override('open', { ttlMs: 60_000 + ms });
    expect(instances.isCallPermitted()).toBe(false);
    expect(urlsOf(3, instances)).toEqual(['b', 'b', 'b']);
    all[0].breaker.override('closed');
    expect(instances.isCallPermitted()).toBe(true);
    expect(instances.choose().url).toBe('a');
  });

  it('one that is tried by a probe comes before one that opens later', async () => {
    const instances = create('round-robin', ['a', 'b']);
    const [a, b] = instances.list() as [Instance, Instance];
    a.breaker.override('open', { ttlMs: 60_000 });
    await fail(b);
    await fail(b);
    expect(urlsOf(2, instances)).toEqual(['b', 'b']);
  });
});

describe('an instance that is sick', () => {
  it('is left out while its breaker is open, and comes back slowly', async () => {
    const instances = create('round-robin', ['a', 'b']);
    const [a] = instances.list() as [Instance];
    await fail(a);
    await fail(a);
    expect(urlsOf(4, instances)).toEqual(['b', 'b', 'b', 'b']);
    a.breaker.override('closed');
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

  it('is not spared while another is well', async () => {
    const instances = create('round-robin', ['a', 'b', 'c']);
    const [a, b, c] = instances.list() as [Instance, Instance, Instance];
    await fail(a);
    await fail(a);
    await succeed(c);
    await fail(c);
    await fail(c);
    expect([a, b, c].map(({ breaker }) => breaker.view().state)).toEqual(['open', 'closed', 'open']);
  });

  it('comes back with a tenth of its turns, which grow with the time', async () => {
    const instances = create('round-robin', ['a', 'b']);
    const [a] = instances.list() as [Instance];
    await fail(a);
    await fail(a);
    a.breaker.override('closed');
    const isIn = (share: number) => {
      dice = share;
      return urlsOf(2, instances).includes('a');
    };
    expect([0.05, 0.1].map(isIn)).toEqual([true, false]);
    now += 3_000;
    expect([0.29, 0.3].map(isIn)).toEqual([true, false]);
    now += 7_000;
    expect(isIn(0.999)).toBe(true);
  });

  it('has all its turns at once without a slow start', async () => {
    const instances = create('round-robin', ['a', 'b'], 0);
    const [a] = instances.list() as [Instance];
    await fail(a);
    await fail(a);
    a.breaker.override('closed');
    dice = 0.999;
    expect(urlsOf(2, instances).sort()).toEqual(['a', 'b']);
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
    await a.checkLiveness();
    expect(stateOf(a)).toBe('closed');
  });

  it('is left out after one time-out when it gives no sign of life', async () => {
    const [a] = await three();
    isAlive = false;
    await a.checkLiveness();
    expect(stateOf(a)).toBe('open');
  });

  it('is left out although a few calls to the others failed, or none was made to them yet', async () => {
    const [a, b] = await three();
    await fail(b);
    isAlive = false;
    await a.checkLiveness();
    expect(stateOf(a)).toBe('open');
    const [fresh] = create('round-robin', ['a', 'b']).list() as [Instance];
    await fresh.checkLiveness();
    expect(stateOf(fresh)).toBe('open');
  });

  it('is asked once, however many of its calls time out, and again after it has answered', async () => {
    const [a] = await three();
    await Promise.all([a.checkLiveness(), a.checkLiveness(), a.checkLiveness()]);
    expect(asked).toEqual(['a']);
    await a.checkLiveness();
    expect(asked).toEqual(['a', 'a']);
  });

  it('is kept without an answer when the others fell sick meanwhile', async () => {
    const [a, b, c] = await three();
    isAlive = false;
    const checkLiveness = a.checkLiveness();
    for (const { breaker } of [b, c]) breaker.override('open');
    await checkLiveness;
    expect(stateOf(a)).toBe('closed');
  });

  it('is kept after one time-out when it is alive, or when it is alone', async () => {
    const [a] = await three();
    await a.checkLiveness();
    expect(stateOf(a)).toBe('closed');
    isAlive = false;
    const [alone] = create('round-robin', ['a']).list() as [Instance];
    asked = [];
    await alone.checkLiveness();
    expect(stateOf(alone)).toBe('closed');
    expect(asked).toEqual([]);
  });
});

describe('no instance', () => {
  it('is an error of its own, and a listener is called when one appears', () => {
    const instances = create('random', []);
    let appeared = 0;
    const forget = instances.onAppear(() => {
      appeared += 1;
    });
    expect(() => instances.choose()).toThrow(NoInstanceError);
    expect(() => instances.choose()).toThrow(expect.objectContaining({ retryAfterMs: 1000 }));
    expect(instances.isCallPermitted()).toBe(false);
    instances.set([]);
    expect(appeared).toBe(0);
    instances.set(['a']);
    expect(appeared).toBe(1);
    instances.set(['a', 'b']);
    expect(appeared).toBe(1);
    forget();
    instances.set([]);
    instances.set(['a']);
    expect(appeared).toBe(1);
  });
});

describe('one that asks for patience', () => {
  it('is asked after the others until its time is over', () => {
    const instances = create('round-robin', ['a', 'b', 'c']);
    instances.list()[0]?.pauseFor(1000);
    expect(new Set(urlsOf(6, instances))).toEqual(new Set(['b', 'c']));
    now += 1000;
    expect(new Set(urlsOf(6, instances))).toEqual(new Set(['a', 'b', 'c']));
  });

  it('takes new calls when there is no other, and is left alone by old work', () => {
    const instances = create('round-robin', ['a']);
    instances.list()[0]?.pauseFor(1000);
    expect([instances.isCallPermitted(), instances.choose().url]).toEqual([false, 'a']);
    now += 999;
    expect(instances.isCallPermitted()).toBe(false);
    now += 1;
    expect(instances.isCallPermitted()).toBe(true);
  });

  it('rests no longer once it has answered', () => {
    const instances = create('round-robin', ['a']);
    instances.list()[0]?.pauseFor(60_000);
    instances.choose().begin()(false);
    expect(instances.isCallPermitted()).toBe(false);
    instances.choose().begin()(true);
    expect(instances.isCallPermitted()).toBe(true);
  });

  it('is no other for who was asked already', () => {
    const instances = create('round-robin', ['a', 'b']);
    const [a, b] = instances.list();
    expect(instances.isCallPermitted(new Set(a && [a]))).toBe(true);
    b?.pauseFor(1000);
    expect(instances.isCallPermitted(new Set(a && [a]))).toBe(false);
  });
});

describe('one that is of no use', () => {
  it('is asked after the others for a while, and keeps nobody from trying it when it is alone', () => {
    const instances = create('round-robin', ['a', 'b']);
    const [a] = instances.list();
    a?.avoidFor(5000);
    expect(urlsOf(2, instances)).toEqual(['b', 'b']);
    instances.set(['a']);
    expect([instances.isCallPermitted(), instances.choose().url]).toEqual([true, 'a']);
    instances.set(['a', 'b']);
    now += 5000;
    expect(new Set(urlsOf(2, instances))).toEqual(new Set(['a', 'b']));
  });
});
