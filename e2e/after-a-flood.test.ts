/**
 * What a flood leaves behind: nothing. Memory and descriptors of the front door, read from the system as an outsider does.
 *
 * Idle connections between the parts live for 30 s, and a process gives memory back 10 to 15 s after it has become calm;
 * so the wait here is real, and only its end is bounded.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '@holdfast/shared/core/until.ts';
import { expect, it, onTestFinished } from 'vitest';
import { startChain } from './chain.ts';
import { create } from './requests.ts';

const floodMs = 6000;

it.skipIf(process.platform !== 'linux')(
  'in real time: within a minute after a flood of lists and unfinished bodies, memory is back within a fifth and every descriptor is closed',
  async () => {
    const chain = await startChain();
    onTestFinished(() => chain.stop());
    const door = chain.url('order');
    const parts = ['order', 'payment', 'shipment'] as const;
    const descriptors = () => parts.map((part) => readdirSync(`/proc/${chain.pid(part)}/fd`).length);
    await inLanes(4, 2000, () => create(door).then(({ status }) => expect(status).toBe(200)));
    await wait(1000);
    const before = { resident: residentMb(chain.pid('order')), descriptors: descriptors() };

    const port = Number(new URL(door).port);
    const bodies = Array.from({ length: 200 }, () => holdBody(port));
    await inLanes(20, floodMs, () => readAll(`${door}/orders?status=completed&limit=1000`));
    for (const body of bodies) body.destroy();
    const peak = residentMb(chain.pid('order'));
    expect(peak).toBeGreaterThan(before.resident * 1.2);

    await until(
      'memory and descriptors are back',
      () =>
        residentMb(chain.pid('order')) <= before.resident * 1.2 &&
        descriptors().every((count, index) => count <= (before.descriptors[index] ?? 0)),
      { withinMs: 60_000, everyMs: 500 },
    ).catch((error: unknown) => {
      const after = { resident: residentMb(chain.pid('order')), descriptors: descriptors() };
      throw new Error(JSON.stringify({ before, peak, after }), { cause: error });
    });
  },
);

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Does something again and again for so long, `lanes` at once. */
async function inLanes(lanes: number, forMs: number, act: () => Promise<unknown>): Promise<void> {
  const over = AbortSignal.timeout(forMs);
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (!over.aborted) await act();
    }),
  );
}

/** Reads an answer to its end, whatever it is, over a connection of its own. */
function readAll(url: string): Promise<void> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => response.resume().once('close', resolve)).once('error', resolve);
  });
}

function holdBody(port: number) {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  socket.resume();
  socket.write(
    'POST /create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n',
  );
  socket.write(`{"id":"${'a'.repeat(50_000)}`);
  return socket;
}
