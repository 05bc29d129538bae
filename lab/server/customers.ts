/**
 * The customers of the lab: they send orders to the front door and see what any customer sees.
 */
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import type { HttpCalls, HttpResponse } from './http-call.ts';
import type { CustomerAnswer } from './wire.ts';

/** Customers without end. */
export interface Customers {
  /**
   * Sends one fresh order and hands back the whole answer.
   * @throws {NeighbourError} when none came.
   */
  order(): Promise<{ readonly id: string; readonly answer: HttpResponse }>;
  /** Sends one fresh order that was due at `dueAt`, and says how it went; the time counts from then. */
  orderDueAt(dueAt: number): Promise<CustomerAnswer>;
}

/** A customer waits this long; longer than any service takes for an answer. */
const patienceMs = 10_000;

/** Creates the customers; `doors` are the instances of the first service now, taken by turns. */
export function createCustomers({
  calls,
  doors,
  run,
  clock,
}: {
  calls: HttpCalls;
  doors: () => readonly string[];
  /** Tells the ids of this run of the lab from those of others. */
  run: string;
  clock: Clock;
}): Customers {
  let sent = 0;

  function send(id: string): Promise<HttpResponse> {
    const known = doors();
    return calls.call({
      method: 'POST',
      url: `${known[sent % known.length]}/create`,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(createOrder(id)),
      timeoutMs: patienceMs,
    });
  }

  function nextId(): string {
    sent += 1;
    return `lab-${run}-${sent}`;
  }

  return {
    async order() {
      const id = nextId();
      return { id, answer: await send(id) };
    },
    async orderDueAt(dueAt) {
      const id = nextId();
      const status = await send(id).then(
        (answer) => answer.status,
        () => null,
      );
      const at = clock();
      return { at, id, status, ms: Math.max(0, Math.round(at - dueAt)) };
    },
  };
}

/** An order that every service accepts. */
function createOrder(id: string) {
  return {
    id,
    items: ['a book'],
    payment: { id: `p-${id}`, amount: 12.5, shipment: { id: `s-${id}`, directions: 'home' } },
  };
}
