/** The settings of a hop that runs: read, set after a yes, and set back. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { useHops } from '../../../shared/test/support/hops.ts';
import { frontKind } from '../../../shared/test/support/kinds.ts';
import { type Neighbour, startNeighbour } from '../../../shared/test/support/neighbour.ts';
import { applyWinner, toAsk } from '../../tune/apply.ts';
import { readRunningHop } from '../../tune/running-chain.ts';
import { toSpace } from '../../tune/space.ts';

const hops = useHops();
let neighbour: Neighbour;
beforeEach(async () => {
  neighbour = await startNeighbour();
});
afterEach(() => neighbour.stop());

const start = (env: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', { CHAIN_SVC: neighbour.url, NEXT_NAME: 'middle', LAB: '1', ...env });
const described = {
  ...{ instances: 1, workers: 10, serviceMs: 20, queueMax: null },
  ...{ dropsAbandoned: false, errorRatio: 0, networkMs: 1 },
};
const space = toSpace(described, 4000);

describe('a running hop', () => {
  it('says its settings', async () => {
    const { url } = await start({ RETRY_ATTEMPTS: '3' });
    expect(await readRunningHop('front→middle', url)).toMatchObject({
      ...{ hop: 'front→middle', policy: { attempts: 3, attemptTimeoutMs: 1500 } },
    });
  });

  it('of a chain with a token is set back with the token', async () => {
    const token = 'a-long-secret';
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('LAB_TOKEN', token);
    const hop = await readRunningHop('front→middle', (await start({ LAB_TOKEN: token })).url);
    const said = await applyWinner(hop, { ...hop.policy, attempts: 1 }, { space, ask: async () => true });
    expect(said[1]).toContain(`/policy -H "Authorization: Bearer $LAB_TOKEN" -H 'Content-Type`);
    expect(said.join()).not.toContain(token);
  });

  it('is asked where npm start has it, which PORT_BASE moves', async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('PORT_BASE', '1');
    await expect(readRunningHop('order→payment', undefined)).rejects.toThrow(
      'order→payment cannot be asked: nothing answers at http://127.0.0.1:1.',
    );
  });

  it('of another name is refused', async () => {
    const { url } = await start();
    await expect(readRunningHop('front→other', url)).rejects.toThrow(
      `${url} has the policy of front→middle, not of front→other.`,
    );
  });

  it('gets the winner after a yes, and the way back is said', async () => {
    const hop = await readRunningHop('front→middle', (await start()).url);
    const winner = { ...hop.policy, attempts: 3, budget: null, deadlineMs: 1000 };
    const asked: string[] = [];
    const ask = async (question: string) => asked.push(question) > 0;
    const said = await applyWinner(hop, winner, { space, ask });
    expect(asked).toEqual([`Set at front→middle (${hop.url}): attempts 2 → 3, budget.ratio 20 % → none?`]);
    expect((await readRunningHop('front→middle', hop.url)).policy).toMatchObject({
      ...{ attempts: 3, budget: { ratio: 2 }, deadlineMs: 4000 },
    });
    expect(said).toEqual([
      'Set at front→middle, until the service restarts: attempts 2 → 3, budget.ratio 20 % → none.',
      `Back to what was before: curl -X PATCH ${hop.url}/policy -H 'Content-Type: application/json' -d '{"policy":{"attempts":2,"budget":{"ratio":0.2}}}'`,
    ]);
    const back = JSON.parse(/-d '(.*)'$/.exec(said[1] ?? '')?.[1] ?? '');
    const headers = { 'Content-Type': 'application/json' };
    await fetch(`${hop.url}/policy`, { method: 'PATCH', headers, body: JSON.stringify(back) });
    expect((await readRunningHop('front→middle', hop.url)).policy).toEqual(hop.policy);
  });

  it('stays as it is after a no', async () => {
    const hop = await readRunningHop('front→middle', (await start()).url);
    const said = await applyWinner(hop, { ...hop.policy, attempts: 1 }, { space, ask: async () => false });
    expect(said).toEqual(['Nothing was set.']);
    expect((await readRunningHop('front→middle', hop.url)).policy).toEqual(hop.policy);
  });

  it('that refuses changes says why', async () => {
    const hop = await readRunningHop('front→middle', (await start({ LAB: '0' })).url);
    const change = applyWinner(hop, { ...hop.policy, attempts: 1 }, { space, ask: async () => true });
    await expect(change).rejects.toThrow(/\/policy answered 404 to PATCH: /);
  });
});

it('nobody is asked where there is no terminal', async () => {
  expect(() => toAsk(false, false)).toThrow(
    '--apply asks before it changes anything, and there is no terminal to ask on: say --yes as well.',
  );
  expect(await toAsk(true, false)('?')).toBe(true);
});
