/**
 * The keys of `npm start`: open, send one order, switch traffic, break the last service, reset everything, quit.
 *
 * Every key prints its result in one line. terminal.ts reads the keys.
 */
import { randomUUID } from 'node:crypto';
import { openInBrowser } from './open-in-browser.ts';
import type { Plan, PlannedProcess, PlannedService } from './plan.ts';
import { firstOrder } from './welcome.ts';

/** The keys of one start. */
export interface Keys {
  /** Their help, in one line. */
  readonly words: string;
  /** Runs the action of a key; other keys do nothing. Never rejects. */
  press(key: string): Promise<void>;
}

/** Prints results, and ends everything. */
export interface KeyOptions {
  readonly print: (line: string) => void;
  readonly quit: () => void;
}

interface Traffic {
  readonly on: boolean;
  readonly ratePerSecond: number;
}

interface Key {
  readonly label: string;
  readonly act: () => Promise<string> | string | undefined;
}

/** The name of the fault; a second press renews it. */
const faultName = 'key-b';
const faultMs = 60_000;
const timeoutMs = 10_000;

/** Creates the keys; those that need the lab, or open controls, exist only with them. */
export function createKeys({ services, lab }: Plan, { print, quit }: KeyOptions): Keys {
  const [door] = services;
  const end = services.at(-1);
  const ends = services.filter(({ service }) => service === end?.service);
  const isControlled = end?.env.LAB === '1';
  const keys: Record<string, Key | undefined> = {
    d: lab && { label: 'dashboard', act: () => open(lab.url) },
    o: door && { label: 'one order', act: () => order(door) },
    t: lab && { label: 'traffic', act: () => switchTraffic(lab) },
    b: end && isControlled ? { label: `break ${end.service}`, act: () => breakService(ends) } : undefined,
    r: lab && { label: 'reset', act: () => reset(lab) },
    q: { label: 'quit', act: () => void quit() },
  };
  const words = [
    ...Object.entries(keys).flatMap(([key, one]) => (one === undefined ? [] : `${key} ${one.label}`)),
    '? these keys',
  ].join(', ');

  return {
    words,
    async press(key) {
      if (key === '?') return print(words);
      try {
        const line = await (Object.hasOwn(keys, key) ? keys[key]?.act() : undefined);
        if (line !== undefined) print(line);
      } catch (error) {
        print(`That did not work: ${error instanceof Error ? error.message : error}`);
      }
    },
  };
}

async function open(url: string): Promise<string> {
  return (await openInBrowser(url))
    ? `Opened ${url}`
    : `No browser can be opened here; the dashboard is ${url}`;
}

async function order(door: PlannedProcess): Promise<string> {
  const id = `key-${randomUUID().slice(0, 8)}`;
  const { payment } = firstOrder;
  const body = { ...firstOrder, id, payment: { ...payment, id, shipment: { ...payment.shipment, id } } };
  const beganAt = performance.now();
  const { status, answer } = await ask(door, 'POST', '/create', body);
  const tookMs = Math.round(performance.now() - beganAt);
  const state = typeof answer.status === 'string' ? ` ${answer.status}` : '';
  return `order ${id}: ${status}${state} in ${tookMs} ms: ${answer.message ?? answer.reason ?? answer.detail}`;
}

/** Breaks every instance: otherwise the others would take over its work. */
async function breakService(instances: readonly PlannedService[]): Promise<string> {
  const fault = { type: 'error', status: 503, ttlMs: faultMs };
  await Promise.all(instances.map((part) => demand(part, 'PUT', `/faults/${faultName}`, fault)));
  return `${instances[0]?.service} answers every order with 503 for ${faultMs / 1000} s; r ends it`;
}

/** Turns the lab's traffic on or off, whoever turned it before. */
async function switchTraffic(lab: PlannedProcess): Promise<string> {
  const { traffic } = (await demand(lab, 'GET', '/api/status')) as { traffic: Traffic };
  const { ratePerSecond } = traffic;
  await demand(lab, 'PUT', '/api/traffic', { on: !traffic.on, ratePerSecond });
  return traffic.on
    ? 'Traffic is off'
    : `Traffic: ${ratePerSecond} orders a second, for ten minutes at most; t stops it`;
}

async function reset(lab: PlannedProcess): Promise<string> {
  await demand(lab, 'POST', '/api/reset', {});
  return 'Reset: no traffic, no faults, no forced breakers, the settings of the start';
}

async function demand(
  part: PlannedProcess,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const { status, answer } = await ask(part, method, path, body);
  if (status >= 400) throw new Error(String(answer.detail ?? `${part.name} answered ${status}`));
  return answer;
}

async function ask(
  part: PlannedProcess,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; answer: Record<string, unknown> }> {
  const token = part.env.LAB_TOKEN?.trim() ?? '';
  const response = await fetch(`${part.url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw new Error(`${part.name} does not answer.`, { cause: error });
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}
