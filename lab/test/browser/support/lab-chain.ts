/**
 * A whole chain with its lab for all tests, as `npm start` runs it, with breakers that are quick to try
 * again. Every test begins with a chain at rest.
 */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Chain, startChain } from '../../../../e2e/chain.ts';
import type { Env } from '../../../../e2e/run-process.ts';
import { until } from '../../../../shared/src/core/until.ts';
import type { LabStatus } from '../../../server/wire.ts';

/** The chain under test. */
export interface LabChain {
  readonly chain: Chain;
  /** Where the page is. */
  readonly url: string;
  /** What the lab knows, as the page hears it. */
  status(): Promise<LabStatus>;
}

/** Short enough for a test, long enough to be watched. */
const quick = {
  LAB: '1',
  BREAKER_WINDOW_MS: '2000',
  BREAKER_OPEN_MS: '2000',
  BREAKER_OPEN_MAX_MS: '2000',
};

/** Starts the chain, `args` behind `npm start --`; answers how to reach it. */
export function useLabChain(env: Env, args: readonly string[] = []): () => LabChain {
  let lab: LabChain;
  beforeAll(async () => {
    const chain = await startChain({ ...quick, ...env }, args);
    const url = chain.url('lab');
    lab = { chain, url, status: () => askStatus(url) };
  });
  beforeEach(() => rest(lab));
  afterAll(() => lab?.chain.stop());
  return () => lab;
}

/** Ends everything that a test left behind, and waits until the chain has recovered from it. */
async function rest({ url, status }: LabChain): Promise<void> {
  await until('every service is heard', async () => (await status()).services.every(isServing));
  await fetch(`${url}/api/reset`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  }).then(async (response) => {
    if (!response.ok) throw new Error(`The lab did not reset: ${await response.text()}`);
  });
  await until('nothing is pending and every breaker is closed', async () => {
    const { services } = await status();
    return services.every((service) => isServing(service) && isAtRest(service));
  });
}

function isServing({ connected, status }: LabStatus['services'][number]): boolean {
  return connected && status?.ready === true;
}

function isAtRest({ status }: LabStatus['services'][number]): boolean {
  const breakers = status?.breakers ?? [];
  return breakers.every(({ state }) => state === 'closed') && (status?.relay?.pending ?? 0) === 0;
}

async function askStatus(url: string): Promise<LabStatus> {
  const response = await fetch(`${url}/api/status`);
  return (await response.json()) as LabStatus;
}
