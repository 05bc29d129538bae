/** Documents that come at the same time share their writes to the database, and never their misfortunes. */
import { beforeAll, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { startChain } from '../support/start-chain.ts';

const hops = useHops('file');
let front: RunningHop;
/** A chain of one: what takes time here is the database alone. */
let lone: RunningHop;

beforeAll(async () => {
  const patient = { REQUEST_TIMEOUT_MS: '10000', ATTEMPT_TIMEOUT_MS: '8000' };
  ({ front } = await startChain(hops, { env: patient }));
  lone = await hops.start(frontKind, 'lone', patient);
});

async function create(body: unknown, hop: RunningHop) {
  const response = await fetch(`${hop.url}/create`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

it('a poisoned one among forty is refused with the place, and the others are shipped', async () => {
  const poisoned = { ...createDocument('poisoned'), items: [{ note: { _bsontype: 1 } }] };
  const good = Array.from({ length: 40 }, (_, n) => createDocument(`good-${n}`));
  const [bad, ...others] = await Promise.all([poisoned, ...good].map((body) => create(body, front)));
  expect(bad).toMatchObject({
    status: 422,
    body: { saved: false, errors: [{ pointer: '/items/0/note/_bsontype' }] },
  });
  expect(others.map(({ status }) => status)).toEqual(good.map(() => 200));
});

it('sixty-four of 98 kB, half a megabyte each in the database, are all kept', async () => {
  const items = Array.from({ length: 48_500 }, () => 1);
  let left = Array.from({ length: 64 }, (_, n) => ({ ...createDocument(`large-${n}`), items }));
  // A busy machine may take longer for 35 MB than the database is given; then a client comes again, with fewer at once.
  for (const atOnce of [64, 8, 4, 2, 1, 1]) {
    const rest: typeof left = [];
    for (let at = 0; at < left.length; at += atOnce) {
      const some = left.slice(at, at + atOnce);
      const answers = await Promise.all(some.map((body) => create(body, lone)));
      const late = answers.map(
        ({ status, body }) => status === 503 && /no answer|timed out/.test(`${body.detail}`),
      );
      expect(answers.filter(({ status }, n) => status !== 200 && !late[n])).toEqual([]);
      rest.push(...some.filter((_, n) => late[n]));
    }
    left = rest;
  }
  expect(left).toEqual([]);
  const kept = await hops.stored('lones');
  expect(kept.filter(({ _id }) => `${_id}`.startsWith('large-'))).toHaveLength(64);
}, 90_000);
