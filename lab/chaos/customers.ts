/**
 * The customers of a chaos run: each sends one order and repeats it until the answer is final.
 *
 * Some stop at 202, some send every request twice, some repeat a final order later, and some send other content under
 * an existing id. An answer that contradicts durability.md is a violation.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createRandom } from '../measure/random.ts';
import { createChaosOrder, endOf, type OrderKind, orderKinds } from './orders.ts';
import { type OrderAnswer, sendOrder } from './send-order.ts';

/** What the answers to one order said. */
export interface TrackedOrder {
  readonly id: string;
  readonly kind: OrderKind;
  /** It was answered 200, 202 or a final refusal: it must reach a final state. */
  acknowledged: boolean;
  /** The final answer, as compared with later ones. */
  final?: { readonly status: number; readonly text: string };
}

/** Running customers. */
export interface Customers {
  readonly orders: readonly TrackedOrder[];
  /** Answers by status; 0 is no answer. */
  readonly answers: ReadonlyMap<number, number>;
  readonly violations: readonly string[];
  /** Starts no new customers; resolves when all orders are final, or when the time is over. */
  finish(withinMs: number): Promise<void>;
}

/** The rate and limits of the customers. */
export interface CustomerSettings {
  readonly url: string;
  readonly seed: number;
  /** New customers a second. */
  readonly rate: number;
  /** Concurrent customers; beyond it a new one is skipped. */
  readonly maxActive: number;
  readonly maxOrders: number;
}

/** Starts the customers. */
export function startCustomers({ url, seed, rate, maxActive, maxOrders }: CustomerSettings): Customers {
  const random = createRandom(seed);
  const orders: TrackedOrder[] = [];
  const answers = new Map<number, number>();
  const violations: string[] = [];
  const active = new Set<Promise<void>>();
  const closing = new AbortController();
  const arrivals = setInterval(() => {
    if (active.size >= maxActive || orders.length >= maxOrders) return;
    const order: TrackedOrder = {
      id: `c${seed}-${orders.length}`,
      kind: random.pick(orderKinds),
      acknowledged: false,
    };
    orders.push(order);
    const customer = repeatUntilFinal(order).finally(() => active.delete(customer));
    active.add(customer);
  }, 1000 / rate);

  return {
    orders,
    answers,
    violations,
    async finish(withinMs) {
      clearInterval(arrivals);
      const late = setTimeout(() => closing.abort(), withinMs);
      await Promise.all(active);
      clearTimeout(late);
      for (const { id, final, acknowledged } of orders)
        if (final === undefined && !acknowledged)
          violations.push(`"${id}" was never answered, however often sent`);
    },
  };

  async function repeatUntilFinal(order: TrackedOrder): Promise<void> {
    const body = createChaosOrder(order.id, order.kind);
    const manner = random.pick({ patient: 60, leaves: 25, twice: 10, meddles: 5 });
    for (let patienceMs = 500; !closing.signal.aborted && order.final === undefined; ) {
      const times = manner === 'twice' ? [1, 2] : [1];
      for (const answer of await Promise.all(times.map(() => sendOrder(url, body))))
        recordAnswer(order, answer, false);
      if (order.final !== undefined || (manner === 'leaves' && order.acknowledged)) break;
      await pause(patienceMs / 2, patienceMs);
      patienceMs = Math.min(5000, patienceMs * 1.5);
    }
    if (manner === 'meddles' && order.acknowledged) await sendConflicting(order);
    if (order.final === undefined || random.chance(0.7)) return;
    await pause(300, 2000);
    recordAnswer(order, await sendOrder(url, body), true);
  }

  /** `wasFinal` is true when the final answer had arrived before this request was sent. */
  function recordAnswer(order: TrackedOrder, { status, body }: OrderAnswer, wasFinal: boolean): void {
    answers.set(status, (answers.get(status) ?? 0) + 1);
    const isFinal = status === 200 || (status === 422 && body?.final === true);
    if (isFinal || status === 202) order.acknowledged = true;
    if (!isFinal) {
      if (![0, 202, 502, 503, 504].includes(status))
        violations.push(`"${order.id}" was answered ${status}: ${JSON.stringify(body)}`);
      else if (status === 202 && wasFinal) violations.push(`"${order.id}" was final and is pending again`);
      return;
    }
    const text = status === 200 ? JSON.stringify([body?.message, body?.hops]) : JSON.stringify(body?.errors);
    order.final ??= { status, text };
    if (order.final.status !== status || order.final.text !== text)
      violations.push(`"${order.id}" was answered ${order.final.text}, then ${text}`);
    const said = status === 200 ? 'completed' : 'cancelled';
    if (said !== endOf(order.kind)) violations.push(`"${order.id}" (${order.kind}) was said to be ${said}`);
  }

  /** Sends other content under an existing id; the only conclusive answer is 409. */
  async function sendConflicting({ id, kind }: TrackedOrder): Promise<void> {
    const { status } = await sendOrder(url, { ...createChaosOrder(id, kind), items: ['another thing'] });
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (![0, 409, 503].includes(status))
      violations.push(`other content under "${id}" was answered ${status}`);
  }

  function pause(min: number, max: number): Promise<void> {
    return wait(random.between(min, max), undefined, { signal: closing.signal }).catch(() => undefined);
  }
}
