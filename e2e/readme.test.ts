/** The lesson of the README in a terminal, as somebody follows it who has followed it before: word for word, twice. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { until } from '@holdfast/shared/core/until.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chain, startChain } from './chain.ts';
import { ask } from './requests.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

let chain: Chain;
beforeAll(async () => {
  chain = await startChain({ LAB: '1', BREAKER_OPEN_MS: '1000' });
});
afterAll(() => chain?.stop());

describe('the README, followed twice', () => {
  it('ships an order that was never sent before, each time', async () => {
    const script = `${blockAfter('## Ship an order')} -i`;
    for (const _ of ['first', 'second']) {
      const answer = await run(script);
      expect(answer).toContain('200 OK');
      expect(answer).not.toMatch(/Idempotent-Replayed/i);
      await nextSecond();
    }
  });

  it('opens a breaker and has pending orders in the end, each time', async () => {
    for (const _ of ['first', 'second']) {
      const said = await run(blockAfter('Without a browser;'));
      expect(/(?:\b\d{3} ){20}/.exec(said)?.[0]).toBe('202 '.repeat(20));
      await until('nothing is pending', async () => {
        const { body } = await ask(`${chain.url('order')}/orders?status=pending`);
        return Array.isArray(body.orders) && body.orders.length === 0;
      });
      await nextSecond();
    }
  });
});

/** The first block of commands behind a text of the README, on the ports of the chain. */
function blockAfter(text: string): string {
  const [, block = ''] = /```sh\n([\s\S]*?)\n```/.exec(readme.slice(readme.indexOf(text))) ?? [];
  return block.replaceAll(
    /127\.0\.0\.1:30(\d\d)/g,
    (_, offset) => `127.0.0.1:${chain.portBase + Number(offset)}`,
  );
}

async function run(script: string): Promise<string> {
  return (await promisify(execFile)('sh', ['-c', script])).stdout;
}

/** The ids of the lesson are made of the time in seconds. */
async function nextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  await until('the next second', () => Math.floor(Date.now() / 1000) > second);
}
