/** Requests to a running chain, and answers in a form that can be compared as a whole. */
import { randomUUID } from 'node:crypto';

/** An answer with how long it took. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  readonly ms: number;
}

/** The original chain's request, with ids of its own. */
export function createOrder(id: string = randomUUID()) {
  return {
    id,
    items: [],
    payment: { id: `p-${id}`, amount: 0, shipment: { id: `s-${id}`, directions: 'home' } },
  };
}

/** Sends an order, or whatever is given, to a service's create endpoint. */
export function create(serviceUrl: string, order: unknown = createOrder()): Promise<Answer> {
  return ask(`${serviceUrl}/create`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(order),
  });
}

/** Reads an address; the whole answer must come within 10 s. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const startedAt = performance.now();
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  const body = (await response.json()) as Answer['body'];
  return { status: response.status, headers: response.headers, body, ms: performance.now() - startedAt };
}
