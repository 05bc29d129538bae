/** The example in use: over real connections, before a neighbour that fails for a while. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BreakerSettings } from '@holdfast/shared/resilience';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createShop, stockPolicy } from '../../app.ts';

let isWell: boolean;
let asked: number;
let lines: string[];
let servers: Server[];

beforeEach(() => {
  [isWell, asked, lines, servers] = [true, 0, [], []];
});
afterEach(() => {
  for (const server of servers) server.close().closeAllConnections();
});

it('asks its neighbour no more once that has failed too often, and says why', async () => {
  const shop = await open({ minCalls: 3, openMs: 60_000 });
  expect(await ask(`${shop}/stock`)).toEqual({ status: 200, body: { left: 7 } });
  expect(await ask(`${shop}/breakers`)).toMatchObject({ body: [{ name: 'shop→stock', label: '● CLOSED' }] });

  isWell = false;
  for (let i = 0; i < 3; i += 1) expect(await ask(`${shop}/stock`)).toMatchObject({ status: 503 });
  const askedUntilOpen = asked;
  expect(await ask(`${shop}/stock`)).toMatchObject({ status: 503, body: { code: 'breaker-open' } });
  expect(asked).toBe(askedUntilOpen);
  expect(await ask(`${shop}/breakers`)).toMatchObject({
    body: [{ label: '○ OPEN', why: expect.stringMatching(/^Opened .* calls failed/) }],
  });
  expect(lines).toEqual([expect.stringContaining('shop→stock  ● CLOSED → ○ OPEN')]);
});

it('heals by itself when the neighbour is well again', async () => {
  const shop = await open({ minCalls: 3, openMs: 50 });
  isWell = false;
  await expect.poll(() => ask(`${shop}/stock`).then(() => lines.length)).toBeGreaterThan(0);

  isWell = true;
  await expect.poll(() => ask(`${shop}/stock`)).toEqual({ status: 200, body: { left: 7 } });
  expect(await ask(`${shop}/breakers`)).toMatchObject({ body: [{ label: '● CLOSED' }] });
  expect(lines.at(-1)).toContain('◐ HALF-OPEN → ● CLOSED');
});

/** Starts a neighbour and the shop before it. */
async function open(breaker: Partial<BreakerSettings>): Promise<string> {
  const policy = { ...stockPolicy, breaker };
  const stock = createServer((_request, response) => {
    asked += 1;
    response.writeHead(isWell ? 200 : 500).end(isWell ? '{"left":7}' : 'sick');
  });
  const url = `${await start(stock)}/stock`;
  return start(createServer(createShop(url, { log: (line) => lines.push(line), policy })));
}

async function start(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function ask(url: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(url);
  return { status: answer.status, body: await answer.json() };
}
