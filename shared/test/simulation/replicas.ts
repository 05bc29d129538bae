/**
 * Many replicas of each hop under steady load in virtual time: real hops and real relays over one simulated database for
 * each collection, with the settings of production. It counts what the relays cost: claims, leases that were taken from
 * somebody who still worked, work taken over from the dead, and repeated creates.
 *
 *     npx --no-install node shared/test/simulation/replicas.ts [--seconds 60] [--rate 20] [--seed 1]
 *
 * The network loses nothing here; that is history.ts. The breaker is a model (five failures in a row, 10 s, one probe), one
 * for each caller and instance, because the real one lives in real time.
 */
import { parseArgs } from 'node:util';
import { isKnownError } from '../../src/core/errors.ts';
import { toProblem } from '../../src/core/problem.ts';
import type { Answer } from '../../src/delivery/answers.ts';
import { createDeliver } from '../../src/delivery/deliver.ts';
import type { ForwardRequest } from '../../src/delivery/forward.ts';
import { type Create, type CreateRequest, createHop } from '../../src/delivery/hop.ts';
import { parseNeighbourAnswer } from '../../src/delivery/neighbour-answer.ts';
import type { HopRecord, Records } from '../../src/delivery/record.ts';
import { earning, startRelay } from '../../src/delivery/relay.ts';
import { noFaults } from '../../src/faults/request-faults.ts';
import { createRetryBudget } from '../../src/resilience/budget.ts';
import { createDeadline, type Deadline } from '../../src/resilience/deadline.ts';
import {
  AttemptTimeoutError,
  BreakerOpenError,
  NeighbourError,
  NoInstanceError,
} from '../../src/resilience/errors.ts';
import { isBalanced, type Name, names, resources, toCreateRequest } from './history.ts';
import { createSimStore, never, type SimStore } from './store.ts';
import { createWorld } from './world.ts';

/** What goes wrong, from a quarter to three quarters of the time. */
export const troubles = ['none', 'kills', 'pauses', 'slow', 'away'] as const;

/** One of them. */
export type Trouble = (typeof troubles)[number];

/** One run. */
export interface ReplicasOptions {
  /** Instances of each hop; minimum 1. */
  readonly replicas: number;
  readonly trouble: Trouble;
  /** How long orders come. */
  readonly seconds: number;
  /** Orders a second. */
  readonly rate: number;
  readonly seed: number;
}

/** What a run counted. */
export interface ReplicasReport {
  readonly orders: number;
  /** Claims of all relays, and how many found nothing. */
  readonly claims: number;
  readonly emptyClaims: number;
  /** Claims of a document whose lease ended while its holder, alive, had not reported yet. */
  readonly stolen: number;
  /** Claims of a document that a dead instance held. */
  readonly takenOver: number;
  /** Creates that found their document there and were answered from it. */
  readonly repeats: number;
  /** Calls between hops. */
  readonly calls: number;
  /** Calls that were a breaker's probe. */
  readonly probes: number;
  /** Calls a second that the relays of the first hop make in the second half of the trouble. */
  readonly relayPerSecond: number;
  /** Seconds from the end of the trouble until every order from before it is final. */
  readonly caughtUpAfter: number;
  /** Most documents that were pending in one collection at once. */
  readonly mostPending: number;
  /** Seconds from the last order until nothing was pending. */
  readonly quietAfter: number;
  /** Broken promises: pending for ever, charged twice, states that disagree. */
  readonly violations: number;
}

const requestMs = 4000;
const attemptMs = 1500;
const leaseMs = requestMs + 2000;
const openMs = 10_000;
/** What a name server and a watcher of names take together. */
const discoveryMs = 5000;

/** Runs one scenario; the same options always bring the same report. */
export async function runReplicas(options: ReplicasOptions): Promise<ReplicasReport> {
  const { replicas, trouble, seconds, rate, seed } = options;
  const world = createWorld(seed);
  const stores = {} as Record<Name, SimStore>;
  for (const name of names) stores[name] = createSimStore(world, () => 0, 'none', noteClaim);
  const instances: Record<Name, Instance[]> = { front: [], middle: [], end: [] };
  const everybody: Instance[] = [];
  const counts = { claims: 0, emptyClaims: 0, stolen: 0, takenOver: 0, repeats: 0, calls: 0, probes: 0 };
  const troubleMs = { from: (seconds * 1000) / 4, to: (seconds * 3000) / 4 };
  const inTrouble = (which: Trouble) =>
    trouble === which && world.now() >= troubleMs.from && world.now() < troubleMs.to;
  const lateTroubleMs = { from: (troubleMs.from + troubleMs.to) / 2, to: troubleMs.to };
  let lateRelayCalls = 0;
  let caughtUpAt: number | undefined;
  let boots = 0;

  function boot(name: Name, bornAt = world.now()): void {
    boots += 1;
    const self: Instance = {
      id: boots,
      alive: true,
      bornAt,
      diedAt: Number.POSITIVE_INFINITY,
      pausedUntil: 0,
      create: undefined,
    };
    instances[name].push(self);
    everybody.push(self);
    const isAlive = () => self.alive;
    const pausedMs = () => Math.max(0, self.pausedUntil - world.now());
    const records = counted(stores[name].connect({ isAlive, pausedMs }));
    let tokens = 0;
    const clock = () => world.now() + 1_000_000;
    const createLease = () => ({ by: `${self.id}/${++tokens}`, due: new Date(clock() + leaseMs) });
    const parts = {
      resource: resources[name],
      service: name,
      records,
      clock,
      random: world.random,
      createLease,
    };
    const nextName = names[names.indexOf(name) + 1];
    const breakers = new Map<Instance, BreakerModel>();
    const budget = createRetryBudget({ ratio: 0.5, minPerSecond: 5 }, world.now);
    const deliver =
      nextName &&
      createDeliver({
        ...parts,
        alarm: () => undefined,
        next: { name: nextName, forward: (request) => forward(nextName, request, self, breakers) },
      });
    let wake: () => void = () => undefined;
    self.create = createHop({
      ...parts,
      deliver: deliver && earning(deliver, budget),
      nextName: nextName ?? name,
      wake: () => wake(),
      maxHops: 6,
    });
    if (deliver === undefined || nextName === undefined) return;
    const relay = startRelay({
      ...parts,
      deliver,
      budget,
      isProbe: () => false,
      leaseMs,
      isCallPermitted: () => self.alive && choose(nextName, breakers).length > 0,
      createDeliveryOptions: () => ({
        deadline: createDeadline(requestMs, world.now),
        propagatedHeaders: {},
        callerRetries: true,
        background: true,
      }),
      sleep: async (ms, signal) => {
        await Promise.race([
          world.sleep(ms),
          new Promise((resolve) => signal.addEventListener('abort', resolve)),
        ]);
        if (!self.alive) return never();
      },
      maxActive: 32,
      emit: () => undefined,
    });
    wake = relay.wake;
  }

  /** A document that somebody held has lost its holder's lease: did the holder die, or is it only late? */
  function noteClaim({ out }: HopRecord): void {
    if (out?.by == null) return;
    const holder = Number(out.by.split('/')[0]);
    if (everybody.some(({ id, alive }) => id === holder && alive)) counts.stolen += 1;
    else counts.takenOver += 1;
  }

  function counted(records: Records): Records {
    return {
      ...records,
      async accept(record) {
        const found = await records.accept(record);
        if (found !== undefined) counts.repeats += 1;
        return found;
      },
      async claim(lease, now) {
        const claimed = await records.claim(lease, now);
        counts.claims += 1;
        if (claimed === undefined) counts.emptyClaims += 1;
        return claimed;
      },
    };
  }

  /** The instances that discovery knows of: it hears of births and deaths after a while. */
  function known(to: Name): Instance[] {
    const since = world.now() - discoveryMs;
    return instances[to].filter(({ bornAt, diedAt }) => bornAt <= since && diedAt > since);
  }

  /** Those among them whose breakers let a call pass. */
  function choose(to: Name, breakers: Map<Instance, BreakerModel>): Instance[] {
    return known(to).filter((one) => (breakers.get(one)?.opensAt ?? 0) <= world.now());
  }

  /** Two attempts at different instances, or one when the caller retries, as the pipeline does. */
  async function forward(
    to: Name,
    request: ForwardRequest,
    self: Instance,
    breakers: Map<Instance, BreakerModel>,
  ) {
    const tried = new Set<Instance>();
    for (let attempts = request.callerRetries ? 1 : 2; ; attempts -= 1) {
      request.deadline.throwIfExpired();
      const able = choose(to, breakers);
      const fresh = able.filter((one) => !tried.has(one));
      const among = fresh.length > 0 ? fresh : able;
      const target = among[world.between(0, Math.max(0, among.length - 1))];
      if (target === undefined) {
        const waits = known(to).map((one) => (breakers.get(one)?.opensAt ?? 0) - world.now());
        if (waits.length === 0) throw new NoInstanceError('Nobody is there.', { retryAfterMs: 1000 });
        throw new BreakerOpenError('All are out.', { retryAfterMs: Math.max(50, Math.min(...waits)) });
      }
      tried.add(target);
      try {
        return await call(to, request, target, self, breakers);
      } catch (error) {
        if (attempts <= 1) throw error;
        await world.sleep(world.random() * 200);
      }
    }
  }

  async function call(
    to: Name,
    request: ForwardRequest,
    target: Instance,
    self: Instance,
    breakers: Map<Instance, BreakerModel>,
  ) {
    const breaker = breakers.get(target) ?? { failures: 0, opensAt: 0 };
    breakers.set(target, breaker);
    counts.calls += 1;
    const isLate = world.now() >= lateTroubleMs.from && world.now() < lateTroubleMs.to;
    if (to === 'middle' && request.background === true && isLate) lateRelayCalls += 1;
    const isProbe = breaker.opensAt > 0;
    if (isProbe) counts.probes += 1;
    if (isProbe) breaker.opensAt = world.now() + attemptMs;
    const timeoutMs = Math.min(attemptMs, request.deadline.leftMs());
    const deadline = createDeadline(timeoutMs - 20, world.now);
    const raw = await Promise.race([
      receive(to, target, toCreateRequest({ ...request, deadline })),
      world.sleep(timeoutMs).then(() => undefined),
    ]);
    if (!self.alive) return never();
    if (raw === undefined || raw === 'refused') {
      breaker.failures += 1;
      if (isProbe || breaker.failures >= 5) breaker.opensAt = world.now() + openMs;
      if (raw === undefined) throw new AttemptTimeoutError('No answer in time.');
      throw new NeighbourError('neighbour-unreachable', 'The connection was refused.');
    }
    breaker.failures = 0;
    breaker.opensAt = 0;
    return parseNeighbourAnswer(
      { status: raw.status, header: () => undefined, text: JSON.stringify(raw.body) },
      request.id,
    );
  }

  async function receive(to: Name, target: Instance, request: CreateRequest): Promise<Answer | 'refused'> {
    await world.sleep(world.between(0, 2));
    if (!target.alive || (to === 'end' && inTrouble('away'))) return 'refused';
    if (to === 'end' && inTrouble('slow')) await world.sleep(world.between(500, 4000));
    await world.sleep(Math.max(0, target.pausedUntil - world.now()));
    const answer = await (target.create as Create)(request).catch((error: unknown): Answer => {
      if (!isKnownError(error)) throw error;
      const { problem, headers } = toProblem(error, false);
      return { status: problem.status, headers, body: { ...problem } };
    });
    if (!target.alive) return never();
    await world.sleep(world.between(0, 2));
    return answer;
  }

  /** A customer: repeats the same request, at any instance, until it is kept. */
  async function order(id: string): Promise<void> {
    const content = { id, middle: { id: `m-${id}`, amount: 1, leaf: { id: `l-${id}`, to: 'home' } } };
    for (;;) {
      const alive = instances.front.filter((one) => one.alive);
      const target = alive[world.between(0, Math.max(0, alive.length - 1))];
      const deadline: Deadline = createDeadline(requestMs, world.now);
      const request = {
        content,
        count: 0,
        parent: null,
        deadline,
        via: [],
        propagatedHeaders: {},
        callerRetries: false,
        background: false,
      };
      const answer =
        target &&
        (await Promise.race([
          receive('front', target, { ...request, faults: noFaults }),
          world.sleep(requestMs + 100).then(() => undefined),
        ]));
      if (typeof answer === 'object' && (answer.status === 200 || answer.status === 202)) return;
      await world.sleep(500);
    }
  }

  /** Every second, one instance of any hop is killed and comes back under another name, or stands still. */
  function disturb(): void {
    const name = names[world.between(0, 2)] as Name;
    const alive = instances[name].filter((one) => one.alive);
    const one = alive[world.between(0, Math.max(0, alive.length - 1))];
    if (one !== undefined && inTrouble('kills')) {
      one.alive = false;
      one.diedAt = world.now();
      world.at(2000, () => boot(name));
    }
    if (one !== undefined && inTrouble('pauses')) one.pausedUntil = world.now() + 10_000;
  }

  for (const name of names) for (let n = 0; n < replicas; n += 1) boot(name, -discoveryMs);
  const orders = Array.from({ length: seconds * rate }, (_, n) => `${n}`);
  for (const [n, id] of orders.entries()) world.at((n * 1000) / rate, () => void order(id));
  for (let n = 1; n < seconds; n += 1) world.at(n * 1000, disturb);
  const isFinal = (id: string) => stores.front.durable.get(id)?.state === 'completed';
  let mostPending = 0;
  const look = () => {
    mostPending = Math.max(mostPending, ...names.map((name) => pendingOf(stores[name])));
    if (world.now() >= troubleMs.to && orders.slice(0, (troubleMs.to * rate) / 1000).every(isFinal))
      caughtUpAt ??= world.now();
    if (world.now() < seconds * 1000) world.at(250, look);
  };
  look();
  await world.run(seconds * 1000);
  const isQuiet = () =>
    stores.front.durable.size === orders.length && names.every((name) => pendingOf(stores[name]) === 0);
  await world.run(600_000, isQuiet);
  caughtUpAt ??= world.now();

  const violations = orders.filter((id) => {
    const middle = stores.middle.durable.get(`m-${id}`);
    const states = [stores.front.durable.get(id), middle, stores.end.durable.get(`l-${id}`)];
    return states.some((record) => record?.state !== 'completed') || !isBalanced(middle);
  }).length;
  return {
    orders: orders.length,
    ...counts,
    relayPerSecond: (lateRelayCalls * 1000) / (lateTroubleMs.to - lateTroubleMs.from),
    caughtUpAfter: Math.max(0, caughtUpAt - troubleMs.to) / 1000,
    mostPending,
    quietAfter: Math.max(0, world.now() / 1000 - seconds),
    violations,
  };
}

interface Instance {
  readonly id: number;
  alive: boolean;
  readonly bornAt: number;
  diedAt: number;
  pausedUntil: number;
  create: Create | undefined;
}

/** `opensAt` is when the next call may pass; 0 while it is closed. */
interface BreakerModel {
  failures: number;
  opensAt: number;
}

function pendingOf(store: SimStore): number {
  let pending = 0;
  for (const { state } of store.durable.values()) if (state === 'accepted') pending += 1;
  return pending;
}

/** Prints the table of docs/scaling.md. */
async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { seconds: text, rate: text, seed: text } });
  const whole = (name: keyof typeof values, fallback: number, max: number) => {
    const value = Number(values[name] ?? fallback);
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    process.stderr.write(`--${name} must be a whole number from 1 to ${max}.\n`);
    process.exit(1);
  };
  const [seconds, rate, seed] = [
    whole('seconds', 60, 600),
    whole('rate', 20, 200),
    whole('seed', 1, 2 ** 31),
  ];
  const head = [
    'trouble',
    'replicas',
    'claims/s',
    'empty',
    'stolen',
    'taken over',
    'repeats',
    'calls/order',
    'probes',
    'most pending',
    'quiet after s',
    'violations',
  ];
  const print = (cells: readonly unknown[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
  print(head);
  print(head.map(() => '---'));
  for (const trouble of troubles) {
    for (const replicas of [1, 3, 10, 30]) {
      const report = await runReplicas({ replicas, trouble, seconds, rate, seed });
      const { orders, claims, emptyClaims, calls } = report;
      print([
        trouble,
        replicas,
        (claims / (seconds + report.quietAfter)).toFixed(0),
        `${Math.round((100 * emptyClaims) / Math.max(1, claims))} %`,
        report.stolen,
        report.takenOver,
        report.repeats,
        (calls / orders).toFixed(2),
        report.probes,
        report.mostPending,
        report.quietAfter.toFixed(1),
        report.violations,
      ]);
    }
  }
}

if (import.meta.main) await main();
