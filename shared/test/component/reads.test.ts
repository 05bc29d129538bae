/** Whatever is read, and however much of it at once: creates notice nothing, and nothing is left behind. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { until } from '../../src/core/until.ts';
import { useHops } from '../support/hops.ts';
import { endKind } from '../support/kinds.ts';

const hops = useHops('file');
let hop: RunningHop;
const agents = new Map<string, Agent>();
const ids: string[] = [];

beforeAll(async () => {
  hop = await hops.start(endKind, 'end');
  for (let sent = 0; sent < 30; sent += 1) expect(await create('d'.repeat(80_000))).toBe(200);
});
afterAll(async () => {
  for (const agent of agents.values()) agent.destroy();
});

async function create(note = ''): Promise<number> {
  const id = randomUUID();
  ids.push(id);
  const response = await fetch(`${hop.url}/create`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ id, text: 'home', note }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Follows a list to its end; answers the ids of each page and the bytes of the largest. */
async function readAll(query: string) {
  const pages: string[][] = [];
  let largest = 0;
  let next: string | undefined = query;
  while (next !== undefined) {
    const url: string = new URL(next, `${hop.url}/ends`).href;
    const text = await (await fetch(url)).text();
    const page = JSON.parse(text) as { ends: { id: string }[]; next?: string };
    pages.push(page.ends.map(({ id }) => id));
    largest = Math.max(largest, text.length);
    next = page.next;
  }
  return { pages, largest };
}

describe('a list', () => {
  it.each(['?status=completed&limit=1000', '?status=completed&limit=7', '?status=completed&limit=30'])(
    'has at most a megabyte and goes on where it ended: %s leads through all of it, nothing twice',
    async (query) => {
      const { pages, largest } = await readAll(query);
      expect(pages.flat().toSorted()).toEqual(ids.toSorted());
      expect(largest).toBeLessThan(1_010_000);
      expect(pages.length).toBeGreaterThan(query.endsWith('1000') ? 2 : 0);
    },
  );

  it('says nothing of a next page at its end', async () => {
    const response = await fetch(`${hop.url}/ends?status=cancelled`);
    expect(await response.json()).toEqual({ ends: [] });
  });

  it.each(['x', '..', 'bnVsbA', Buffer.from('[1e99,"a"]').toString('base64url'), 'W'.repeat(40)])(
    'takes no place to go on but its own: %s',
    async (after) => {
      const response = await fetch(`${hop.url}/ends?after=${after}`);
      expect([response.status, await response.json()]).toMatchObject([
        422,
        { errors: [{ pointer: '/after' }] },
      ]);
    },
  );
});

describe('a flood', () => {
  it.each([
    '/ends?status=completed&limit=1000',
    '/metrics',
    '/docs/swagger-ui-bundle.js',
    '/openapi.json',
    '/breakers',
  ])('of %s is answered with 503 where it is too much, and every create beside it with 200', async (path) => {
    const read = async () => {
      const response = await fetch(`${hop.url}${path}`);
      const { length } = await response.text();
      return { status: response.status, length, wait: Number(response.headers.get('retry-after')) };
    };
    const flood = Promise.all(Array.from({ length: 60 }, read));
    const created = [];
    for (let sent = 0; sent < 10; sent += 1) created.push(await create());
    const answers = await flood;
    expect(created).toEqual(Array.from({ length: 10 }, () => 200));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.every(({ status, wait }) => status === 503 && wait >= 1)).toBe(true);
    expect(refused.length).toBeLessThan(60);
    await until('there is room again', async () => (await read()).status === 200);
  });
});

describe('a reader beside a flood from another address', () => {
  it.each([
    ['lists', '/ends?status=completed&limit=1000', '/ends?status=completed&limit=1'],
    ['scrapes', '/metrics', '/metrics'],
    ['reports', '/breakers', '/breakers'],
  ])('is answered 200 while others wait: %s', async (_what, path, polite) => {
    const flood = new AbortController();
    const flooded = new Set<number>();
    const flooders = Array.from({ length: 24 }, async () => {
      while (!flood.signal.aborted) flooded.add(await readFrom('127.0.0.2', path));
    });
    const seen: number[] = [];
    await until('the flood is too much', async () => {
      seen.push(await readFrom('127.0.0.3', polite));
      return seen.length >= 4 && flooded.has(503);
    });
    flood.abort();
    await Promise.all(flooders);
    expect(new Set(seen)).toEqual(new Set([200]));
  });
});

function readFrom(localAddress: string, path: string): Promise<number> {
  const agent = agents.get(localAddress) ?? new Agent({ keepAlive: true });
  agents.set(localAddress, agent);
  return new Promise((resolve, reject) => {
    get(`${hop.url}${path}`, { localAddress, agent }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    }).once('error', reject);
  });
}

describe.runIf(process.platform === 'linux')('a download that is cut off', () => {
  it('leaves no open file and no connection behind', async () => {
    await (await fetch(`${hop.url}/docs/swagger-ui-bundle.js`)).arrayBuffer();
    const before = countDescriptors();
    for (let round = 0; round < 15; round += 1) await Promise.all(Array.from({ length: 12 }, cutDownload));
    await until('the connections are closed', () => countDescriptors() <= before);
    expect(toOpenFiles().filter((file) => file.includes('swagger-ui'))).toEqual([]);
  });
});

/** Asks for a large file and resets the connection at the first bytes of the answer. */
function cutDownload(): Promise<void> {
  const { hostname, port } = new URL(hop.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.once('data', () => socket.resetAndDestroy());
    socket.write('GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
}

function countDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function toOpenFiles(): string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
}
