/** The customers of the lab: they send orders to the front door. */
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import type { HttpCalls, HttpResponse } from './http-call.ts';
import type { CustomerAnswer } from './wire.ts';

/** The customers. */
export interface Customers {
  /**
   * Sends one fresh order and returns the whole answer.
   * @throws {NeighbourError} when none came.
   */
  order(): Promise<{ readonly id: string; readonly answer: HttpResponse }>;
  /** Sends one fresh order that was due at `dueAt`, and returns the result; latency counts from `dueAt`. */
  orderDueAt(dueAt: number): Promise<CustomerAnswer>;
}

/** Time-out of a customer, longer than that of any service. */
const patienceMs = 10_000;

/** Creates the customers; `doors` are the present instances of the first service, used round robin. */
export function createCustomers({
  calls,
  doors,
  run,
  clock,
  onAnswer,
}: {
  calls: HttpCalls;
  doors: () => readonly string[];
  /** Makes the ids of this run of the lab unique. */
  run: string;
  clock: Clock;
  /** Called with the status of every answer. */
  onAnswer: (id: string, status: number) => void;
}): Customers {
  let sent = 0;

  async function send(id: string): Promise<HttpResponse> {
    const known = doors();
    const answer = await calls.call({
      method: 'POST',
      url: `${known[sent % known.length]}/create`,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(createOrder(id)),
      timeoutMs: patienceMs,
    });
    onAnswer(id, answer.status);
    return answer;
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
