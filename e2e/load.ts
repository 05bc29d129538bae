/**
 * A steady open-loop load: an order is sent whenever one is due, however slow the answers are.
 *
 * Its customers know every front door and take them by turns. As any proxy would, they go to the next door when one is
 * closed or says 503: sending the same order twice is safe.
 */
import { randomUUID } from 'node:crypto';
import { Agent, type IncomingMessage, request as send } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createOrder } from './requests.ts';

/** What one customer saw. */
export interface Seen {
  readonly id: string;
  /** `null` when no answer came. */
  readonly status: number | null;
  /** From the moment at which it was due. */
  readonly ms: number;
  /** When it was due, in milliseconds since the load began. */
  readonly at: number;
  readonly body: string;
}

/** A load that runs. */
export interface Load {
  /** Milliseconds since it began. */
  now(): number;
  /** What customers saw so far. */
  readonly seen: readonly Seen[];
  /** Resolves when it has run for so long. */
  reach(ms: number): Promise<void>;
  /** Ends it; resolves to all that was seen when the last answer is there. */
  stop(): Promise<readonly Seen[]>;
}

const patienceMs = 10_000;

/**
 * Begins to send `perSecond` orders to `doors`. While `mostWaiting` customers wait, no more come: by default so many that
 * the test has failed already, and a few where a machine that is busy with something else must not look like a flood.
 */
export function startLoad(doors: readonly string[], { perSecond = 60, mostWaiting = 400 } = {}): Load {
  const agent = new Agent({ keepAlive: true });
  const startedAt = performance.now();
  const run = randomUUID().slice(0, 8);
  const seen: Seen[] = [];
  const waiting = new Set<Promise<void>>();
  const now = () => performance.now() - startedAt;
  let sent = 0;
  const timer = setInterval(() => {
    // By the clock, not by the timer: a late timer sends what was due meanwhile.
    for (; sent < (now() / 1000) * perSecond && waiting.size < mostWaiting; sent += 1) {
      const work = order(sent).finally(() => waiting.delete(work));
      waiting.add(work);
    }
  }, 5);

  return {
    now,
    seen,
    reach: (ms) => wait(Math.max(0, ms - now())),
    async stop() {
      clearInterval(timer);
      await Promise.all(waiting);
      agent.destroy();
      return seen;
    },
  };

  async function order(index: number): Promise<void> {
    const at = (index * 1000) / perSecond;
    const id = `${run}-${index}`;
    const body = JSON.stringify(createOrder(id));
    for (let turn = 0; ; turn += 1) {
      const answer = await post(`${doors[(index + turn) % doors.length]}/create`, body, agent);
      const isClosed = answer.status === null || answer.status === 503;
      if (isClosed && turn + 1 < doors.length) continue;
      seen.push({ id, ...answer, at, ms: now() - at });
      return;
    }
  }
}

/** The share of each status, for messages: `{ 200: 238, 202: 2 }`. */
export function toStatuses(seen: readonly Seen[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of seen) counts[`${status}`] = (counts[`${status}`] ?? 0) + 1;
  return counts;
}

function post(url: string, body: string, agent: Agent): Promise<{ status: number | null; body: string }> {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const fail = (error: Error) => resolve({ status: null, body: error.message });
    const call = send(
      url,
      { method: 'POST', agent, headers, timeout: patienceMs },
      (answer: IncomingMessage) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          text += part;
        });
        answer.once('end', () => resolve({ status: answer.statusCode ?? null, body: text }));
        answer.once('error', fail);
      },
    );
    call.once('timeout', () => call.destroy(new Error('no answer in time')));
    call.once('error', fail);
    call.end(body);
  });
}
