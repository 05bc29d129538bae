/**
 * One scenario: customers order at a steady rate, the first of two payments falls sick, or both do, recovers some
 * seconds later, and both are observed until its share is back.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { AuditReport } from '../audit/audit.ts';
import { parseReading } from '../canary/scrape.ts';
import { auditAtEnd } from '../proxies/audit-at-end.ts';
import { startCustomers } from '../proxies/customers.ts';
import { createHttpCalls, type HttpCalls } from '../server/http-call.ts';
import type { TwoPayments } from './places.ts';
import { type Point, readCourse, type SicknessCourse } from './timeline.ts';

/**
 * The faults: every create is answered 503. `red`: `/readyz` answers 503, too; `green`: it answers 200; `both`: a short
 * fault of both payments with 200 from `/readyz`, as from a database that stalls.
 */
export const sicknesses = ['red', 'green', 'both'] as const;

/** The name of a fault. */
export type Sickness = (typeof sicknesses)[number];

/** Durations and rate. */
export interface ScenarioSettings {
  readonly ratePerSecond: number;
  /** Before it falls sick; as long as the window of a breaker, so that the window is full. */
  readonly warmMs: number;
  readonly sickMs: number;
  /** After recovery, at the longest. */
  readonly afterMs: number;
}

/** The result of a scenario. */
export interface ScenarioResult extends SicknessCourse {
  readonly orders: number;
  /** First answers: 200, 202, and everything else. */
  readonly completed: number;
  readonly pending: number;
  readonly failed: number;
  /** From recovery until the last first answer that was not 200; 0 when it came before. */
  readonly lastLateMs: number;
  /** Calls that met the fault at a sick payment. */
  readonly wasted: number;
  readonly audit: AuditReport;
  /** What both payments had answered, from the beginning on. */
  readonly points: readonly Point[];
  readonly sickAt: number;
  readonly wellAt: number;
}

const sampleEveryMs = 200;
/** How long both are sick, at the longest. */
const bothSickMs = 1500;
/** Observation after a fault of both: an open breaker waits ten seconds. */
const bothAfterMs = 20_000;
const drainMs = 60_000;

/** Runs one scenario on a chain of its own. */
export async function runScenario(
  place: TwoPayments,
  sickness: Sickness,
  { ratePerSecond, warmMs, sickMs, afterMs }: ScenarioSettings,
): Promise<ScenarioResult> {
  const calls = createHttpCalls();
  const watch = watchPayments(place, calls);
  const customers = startCustomers({ calls, url: place.url, ratePerSecond });
  try {
    await wait(warmMs);
    const sick = sickness === 'both' ? [place.first, place.second] : [place.first];
    const sickAt = performance.now();
    await Promise.all(sick.map((url) => makeSick(url, sickness, calls)));
    await wait(sickness === 'both' ? Math.min(sickMs, bothSickMs) : sickMs);
    const healed = await Promise.all(sick.map((url) => heal(url, calls)));
    const wellAt = performance.now();
    const isBack = () =>
      sickness !== 'both' && readCourse(watch.points, { sickAt, wellAt }).fullyBackMs !== undefined;
    const longestMs = sickness === 'both' ? Math.min(afterMs, bothAfterMs) : afterMs;
    while (performance.now() - wellAt < longestMs && !isBack()) await wait(sampleEveryMs);
    await customers.finish();
    const course = readCourse(watch.points, { sickAt, wellAt });
    const count = (status: number) => customers.answers.filter((answer) => answer.status === status).length;
    const late = customers.answers.filter(({ status }) => status !== 200);
    const orders = customers.answers.length;
    return {
      ...course,
      ...{ points: watch.points, sickAt, wellAt },
      orders,
      completed: count(200),
      pending: count(202),
      failed: orders - count(200) - count(202),
      lastLateMs: Math.max(0, ...late.map(({ at }) => at - wellAt)),
      wasted: healed.reduce((total, { wasted }) => total + wasted, 0),
      audit: await auditAtEnd(place.mongoUrl, customers.acknowledged.values(), drainMs),
    };
  } finally {
    await watch.stop();
    calls.close();
  }
}

/** Every create at a payment fails before it is stored; with `red`, `/readyz` answers 503, too. */
export async function makeSick(url: string, sickness: Sickness, calls: HttpCalls): Promise<void> {
  const ttlMs = 300_000;
  if (sickness === 'red') await putFault(url, 'red-probe', { type: 'unready', ttlMs }, calls);
  await putFault(url, 'sick', { type: 'error', status: 503, ttlMs }, calls);
}

/** Ends its faults; returns the number of creates that met them. */
export async function heal(url: string, calls: HttpCalls): Promise<{ wasted: number }> {
  const { body } = await calls.call({ method: 'GET', url: `${url}/faults`, timeoutMs: 3000 });
  const { faults } = JSON.parse(body.toString()) as { faults: { name: string; hits: number }[] };
  await calls.call({ method: 'DELETE', url: `${url}/faults`, timeoutMs: 3000 });
  return { wasted: faults.find(({ name }) => name === 'sick')?.hits ?? 0 };
}

/** Injects one fault into a service. @throws {Error} when it refuses it. */
export async function putFault(url: string, name: string, fault: object, calls: HttpCalls): Promise<void> {
  const { status } = await calls.call({
    method: 'PUT',
    url: `${url}/faults/${name}`,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fault),
    timeoutMs: 3000,
  });
  if (status !== 201) throw new Error(`${url}/faults/${name} answered ${status}.`);
}

/** Counts what both payments have answered, a few times a second. */
function watchPayments(place: TwoPayments, calls: HttpCalls) {
  const points: Point[] = [];
  const ending = new AbortController();
  const reading = (url: string) =>
    calls
      .call({ method: 'GET', url: `${url}/metrics`, timeoutMs: 3000 })
      .then(({ body }) => parseReading(body.toString()));
  const watching = (async () => {
    while (!ending.signal.aborted) {
      const [first, second] = await Promise.all([reading(place.first), reading(place.second)]);
      points.push({
        at: performance.now(),
        first: first.answered,
        firstGood: first.good,
        second: second.answered,
      });
      await wait(sampleEveryMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();
  watching.catch(() => undefined); // aborted by stop()
  return {
    points,
    async stop() {
      ending.abort();
      await watching;
    },
  };
}
