import { describe, expect, it } from 'vitest';
import { createFairShare, toAddress } from '../../../src/http/fair-share.ts';

function create() {
  let now = 0;
  const share = createFairShare(() => now);
  let held = 0;
  /** Takes places one by one, on a connection each unless one is given, until none is left or `most` are taken. */
  const fill = (
    address: string,
    { limit = 64, most = 1000, connection }: { limit?: number; most?: number; connection?: object } = {},
  ) => {
    const places: (() => void)[] = [];
    while (places.length < most) {
      const client = { address, connection: connection ?? {} };
      if (held >= share.roomFor(client, limit)) break;
      held += 1;
      const leave = share.take(client);
      places.push(() => {
        held -= 1;
        leave();
      });
    }
    return places;
  };
  return { share, fill, pass: (ms: number) => (now += ms) };
}

describe('a fair share', () => {
  it('leaves a quarter of the places to whoever comes next, also when one address is alone', () => {
    const { fill } = create();
    expect(fill('greedy')).toHaveLength(48);
    expect(fill('modest', { most: 10 })).toHaveLength(10);
  });

  it('lets the modest one have more as the greedy one gives back, up to a half', () => {
    const { fill } = create();
    const greedy = fill('greedy');
    let modest = fill('modest').length;
    for (const leave of greedy) {
      leave();
      modest += fill('modest').length;
      fill('greedy');
    }
    expect(modest).toBeGreaterThanOrEqual(24);
    expect(modest).toBeLessThan(40);
  });

  it('takes the share back from one that has not asked for two seconds', () => {
    const { fill, pass, share } = create();
    for (const leave of fill('modest', { most: 1 })) leave();
    const greedy = { address: 'greedy', connection: {} };
    fill('greedy', { most: 30 });
    expect(share.roomFor(greedy, 64)).toBe(48);
    pass(2100);
    expect(share.roomFor(greedy, 64)).toBe(64);
  });

  it('stops one connection at half of the places, so that the address has places on others', () => {
    const { fill } = create();
    expect(fill('one', { connection: {} })).toHaveLength(32);
    expect(fill('one')).toHaveLength(16);
  });

  it('gives everybody a few, however many there are', () => {
    const { fill } = create();
    const all = Array.from({ length: 16 }, (_, n) => fill(`a${n}`, { most: 4 }).length);
    expect(all).toEqual(Array(16).fill(4));
  });

  it('needs no room for its only place when there is one place', () => {
    expect(create().fill('one', { limit: 1 })).toHaveLength(1);
  });

  it('is bounded in memory: beyond 4096 addresses all are one', () => {
    const { share } = create();
    for (let n = 0; n < 5000; n += 1) share.roomFor({ address: `a${n}`, connection: {} }, 64);
    for (let n = 0; n < 4; n += 1) share.take({ address: `b${n}`, connection: {} });
    expect(share.roomFor({ address: 'c', connection: {} }, 64)).toBe(48);
  });
});

describe('an address', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    [undefined, ''],
  ])('%s is %s', (remote, address) => {
    expect(toAddress(remote)).toBe(address);
  });
});
