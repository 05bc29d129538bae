/** Who announces an instance on the local network has the key of the chain, or is not there. */
import { randomUUID } from 'node:crypto';
import { Bonjour } from 'bonjour-service';
import { afterEach, expect, it } from 'vitest';
import { until } from '../../src/core/until.ts';
import { announceLocally, watchLocalNetwork } from '../../src/discovery/local.ts';
import { createGivenKeys } from '../../src/proof/chain-keys.ts';
import { type Announcement, proveAnnouncement } from '../../src/proof/chain-proof.ts';

const keys = createGivenKeys('the-key-of-the-chain-0');
const others = createGivenKeys('the-key-of-somebody-else');
const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

function watch() {
  const network = { interface: '127.0.0.1', group: `forged-${randomUUID().slice(0, 8)}` };
  const ignored: string[] = [];
  let urls: readonly string[] = [];
  const counts: number[] = [];
  const emit = (found: { readonly urls: readonly string[] }) => {
    urls = found.urls;
    counts.push(urls.length);
  };
  const source = watchLocalNetwork({ kind: 'local', name: 'payment', path: '' }, network, keys, {
    emit,
    ignore: (why) => void ignored.push(why),
  });
  ends.push(source.stop);
  const announce = (url: string, by = keys) => {
    const announced = announceLocally(
      { service: 'payment', instance: url.slice(-12), url },
      network,
      by,
      () => undefined,
    );
    ends.push(announced.stop);
    return announced;
  };
  const sign = (said: Partial<Announcement>, over: Partial<Announcement> = {}) => {
    const all = {
      service: 'payment',
      group: network.group,
      instance: 'x',
      url: 'http://127.0.0.1:6666',
      at: `${Date.now()}`,
      ...said,
    };
    return { ...all, proof: proveAnnouncement(keys.signing(), all), ...over };
  };
  return { network, ignored, urls: () => urls, counts, announce, sign };
}

/** Says anything at all, as anybody on the network can. */
function speak() {
  const options = { interface: '127.0.0.1', bind: '224.0.0.251', loopback: true } as object;
  const bonjour = new Bonjour(options);
  ends.push(() => new Promise((resolve) => bonjour.destroy(() => resolve(undefined))));
  return (name: string, txt: object) =>
    bonjour.publish({ name, type: 'holdfast', port: 6666, txt, probe: false, disableIPv6: true });
}

it('an instance with the key is found, and a forged one beside it is not', async () => {
  const { announce, urls, ignored, sign } = watch();
  announce('http://127.0.0.1:6667', others);
  const say = speak();
  const { proof: _none, ...unsigned } = sign({});
  say('unsigned', unsigned);
  say('moved', sign({}, { url: 'http://127.0.0.1:6668' }));
  say('replayed', sign({ at: `${Date.now() - 301_000}` }));
  say('ahead', sign({ at: `${Date.now() + 301_000}` }));
  say('timeless', sign({ at: 'now' }));
  announce('http://127.0.0.1:6665');
  await until('the true one is found', async () => urls().length > 0);
  await until('a forged one is ignored', async () => ignored.length > 0);
  expect(urls()).toEqual(['http://127.0.0.1:6665']);
  expect(ignored[0]).toMatch(/^An announcement of payment from 127\.0\.0\.1 is ignored: /);
});

it('a goodbye that somebody else says takes nobody away, and its own does', async () => {
  const { announce, urls, counts, network, sign } = watch();
  const announced = announce('http://127.0.0.1:6665');
  await until('it is found', async () => urls().length === 1);
  const forged = speak()(
    `${network.group}/7.0.0.1:6665`,
    sign({ url: 'http://127.0.0.1:6665', instance: '7.0.0.1:6665' }),
  );
  await new Promise<void>((resolve) => forged.stop?.(() => setTimeout(resolve, 400)));
  expect(counts.filter((count) => count !== 1)).toEqual([]);
  await announced.stop();
  await until('it is gone', async () => urls().length === 0);
});

it('more than 64 are not believed, even with the key', async () => {
  const { urls, ignored, sign } = watch();
  const say = speak();
  for (let n = 0; n < 70; n += 1)
    say(`many-${n}`, sign({ instance: `${n}`, url: `http://127.0.0.1:${7000 + n}` }));
  await until('it is enough', async () =>
    ignored.some((why) => why.includes('64 instances are known already')),
  );
  expect(urls()).toHaveLength(64);
});
