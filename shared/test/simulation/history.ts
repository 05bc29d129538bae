/**
 * One random history: a chain of three real hops with their relays over simulated databases and a simulated network,
 * while processes and databases die, messages are lost, doubled, late or replaced by a proxy's page. Then everything
 * heals, and the checker looks at what the disks hold and at what the clients were told.
 */

import { z } from 'zod';
import { isKnownError } from '../../src/core/errors.ts';
import { toProblem } from '../../src/core/problem.ts';
import { type Body, id, type Resource } from '../../src/core/resource.ts';
import type { Answer } from '../../src/delivery/answers.ts';
import { createDeliver, type Deliver } from '../../src/delivery/deliver.ts';
import type { ForwardRequest } from '../../src/delivery/forward.ts';
import { type Create, type CreateRequest, createHop } from '../../src/delivery/hop.ts';
import { parseNeighbourAnswer } from '../../src/delivery/neighbour-answer.ts';
import type { HopRecord, Records } from '../../src/delivery/record.ts';
import { type Relay, startRelay } from '../../src/delivery/relay.ts';
import { createUnsettled } from '../../src/delivery/unsettled.ts';
import { noFaults } from '../../src/faults/request-faults.ts';
import { createRetryBudget } from '../../src/resilience/budget.ts';
import { createDeadline } from '../../src/resilience/deadline.ts';
import { AttemptTimeoutError, NeighbourError } from '../../src/resilience/errors.ts';
import { createAnswers } from './answers.ts';
import type { Mutation } from './mutations.ts';
import { createSimStore, never, type SimStore } from './store.ts';
import { createWorld, type World } from './world.ts';

/** What a history ended with. */
export interface Verdict {
  readonly violations: readonly string[];
  /** Creates that a client was answered 200 or 202 for. */
  readonly accepted: number;
  readonly completed: number;
  readonly crashes: number;
  readonly faults: number;
}

const leaseMs = 300;
const requestMs = 150;
/** Mostly short; the longest holds a slow database for forty leases, which are four minutes of a real one. */
const troublesMs = [3000, 3000, 3000, 12_000] as const;
const minuteMs = 60_000;
/** What clocks say when a history begins. */
const epochMs = 10_000_000_000;
/** How late an order may be when clocks were wrong: the longest wait that a right clock knows, and one sweep. */
const lateMs = 400_000;
/** The hops of a simulated chain, the front door first. */
export const names = ['front', 'middle', 'end'] as const;
/** The name of one hop. */
export type Name = (typeof names)[number];

const leaf = z.looseObject({ id, to: z.string() });
const middle = z.looseObject({ id, amount: z.number(), leaf });
/** What the three hops of a simulated chain keep. */
export const resources: Record<Name, Resource> = {
  front: {
    singular: 'front',
    plural: 'fronts',
    example: { id: '1', middle: { id: '1', amount: 1, leaf: { id: '1', to: 'x' } } },
    schema: z.looseObject({ id, middle }) as unknown as Resource['schema'],
    child: { pointer: '/middle', of: (body) => body.middle as Body },
    refusedState: 'cancelled',
  },
  middle: {
    singular: 'middle',
    plural: 'middles',
    example: { id: '1', amount: 1, leaf: { id: '1', to: 'x' } },
    schema: middle as unknown as Resource['schema'],
    child: { pointer: '/leaf', of: (body) => body.leaf as Body },
    refusedState: 'refunded',
    amount: () => 1,
    refuse: ({ amount }) => (Number(amount) > 100 ? [{ pointer: '/amount', detail: 'Too much.' }] : []),
  },
  end: {
    singular: 'end',
    plural: 'ends',
    example: { id: '1', to: 'x' },
    schema: leaf as unknown as Resource['schema'],
    child: { pointer: '', of: (body) => body },
    refusedState: 'cancelled',
  },
};

/** The last hop's reason to refuse may come and go: what it refused once must stay refused all the same. */
function createNoun(name: Name, world: World): Resource {
  if (name !== 'end') return resources[name];
  const refuses = (to: unknown) => to === 'nowhere' || (to === 'perhaps' && world.chance(0.5));
  return {
    ...resources.end,
    refuse: ({ to }) => (refuses(to) ? [{ pointer: '/to', detail: 'Not now.' }] : []),
  };
}

/** Runs the history of a seed under a mutation. */
export async function runHistory(seed: number, mutation: Mutation = 'none'): Promise<Verdict> {
  const world = createWorld(seed);
  const counts = { crashes: 0, faults: 0 };
  const troubleMs = troublesMs[world.between(0, 3)] as number;
  const hasWrongClocks = world.chance(0.2);
  const inTrouble = () => world.now() < troubleMs;
  const ratio = world.random() * 0.3;
  const faultRatio = () => (inTrouble() ? ratio : 0);
  const stores = Object.fromEntries(
    names.map((name) => [name, createSimStore(world, () => faultRatio() / 3, mutation)]),
  ) as Record<Name, SimStore>;
  const processes = {} as Record<Name, Process | undefined>;
  const answers = createAnswers();
  /** In some histories the last hop is of an older version, and does not say when a document ended. */
  const isOlder = world.chance(0.1);
  const generations: Record<Name, number> = { front: 0, middle: 0, end: 0 };
  const pausedUntil: Record<Name, number> = { front: 0, middle: 0, end: 0 };
  const clockErrors = Object.fromEntries(
    names.map((name) => [name, createClockError(world, troubleMs)]),
  ) as Record<Name, ClockError>;

  /** Starts a process; it dies by being forgotten: every port of an old generation never answers. */
  function boot(name: Name): void {
    generations[name] += 1;
    const generation = generations[name];
    const isAlive = () => generations[name] === generation;
    const nextName = names[names.indexOf(name) + 1];
    const pausedMs = () => Math.max(0, pausedUntil[name] - world.now());
    const records = stores[name].connect({ isAlive, pausedMs });
    let tokens = 0;
    const clock = () => world.now() + epochMs + clockError(name);
    const createLease = () => ({ by: `${name}/${generation}/${++tokens}`, due: new Date(clock() + leaseMs) });
    const parts = {
      resource: createNoun(name, world),
      service: name,
      records,
      clock,
      random: world.random,
      createLease,
      alarm: () => undefined,
    };
    const sleep = async (ms: number, signal?: AbortSignal) => {
      const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve));
      if (signal?.aborted !== true) await Promise.race([world.sleep(ms), aborted]);
      if (!isAlive()) return never();
    };
    const unsettled = createUnsettled({
      records,
      max: 3,
      async sleep(ms, signal) {
        await sleep(ms, signal);
        if (!world.chance(faultRatio() / 2)) return;
        if (world.chance(0.3)) return void leave(name);
        die(name);
        return never();
      },
      alarm: (id, reason) => answers.break(`${name} "${id}" was answered, and ${reason}`),
    });
    const next = nextName && {
      name: nextName,
      forward: (request: ForwardRequest) => send(nextName, request, isAlive),
    };
    const create = createHop({
      ...parts,
      records: mutation === 'overlay-not-read' ? records : unsettled.records,
      deliver:
        next &&
        createDeliver({
          ...parts,
          next,
          defer: unsettled.defer,
        }),
      nextName: nextName ?? name,
      wake: () => undefined,
      maxHops: 6,
    });
    void reclaim(name, records, clock).then(() => {
      if (!isAlive()) return;
      const relay = next && startOwnRelay(createDeliver({ ...parts, next }));
      processes[name] = {
        create,
        async stop() {
          await relay?.stop();
          if (mutation !== 'flush-dropped-at-stop') await unsettled.stop();
          await records.release(`${name}/${generation}/`, new Date(clock())).catch(() => undefined);
        },
      };
    });

    const startOwnRelay = (own: Deliver): Relay =>
      startRelay({
        ...parts,
        deliver: own,
        budget: createRetryBudget({ ratio: 0, minPerSecond: 5 }, world.now),
        leaseMs,
        isProbe: () => world.chance(0.2),
        isCallPermitted: () => isAlive() && !world.chance(faultRatio()),
        createDeliveryOptions: () => ({
          deadline: createDeadline(requestMs, world.now),
          propagatedHeaders: {},
          callerRetries: true,
        }),
        sleep,
        maxActive: 2,
        emit: () => undefined,
      });
  }

  /** What a process does before it serves. */
  async function reclaim(name: Name, records: Records, clock: () => number): Promise<void> {
    for (let done = false; !done; ) {
      done = await records.reclaim(`${name}/`, new Date(clock())).then(
        () => true,
        () => false,
      );
      await world.sleep(done ? 0 : 20);
    }
  }

  /** How wrong the clock of a host is: never the same as another's, and in some histories by minutes or days. */
  function clockError(name: Name): number {
    const error = clockErrors[name];
    if (!hasWrongClocks || !inTrouble()) return error.smallMs;
    return world.now() < error.jumpsAt ? error.beforeMs : error.afterMs;
  }

  function die(name: Name): void {
    counts.crashes += 1;
    kill(name);
  }

  /** Ends a process as a signal does: what it has answered is stored, as far as its database takes it. */
  async function leave(name: Name): Promise<void> {
    const leaving = processes[name];
    if (leaving === undefined) return;
    const generation = generations[name];
    processes[name] = undefined;
    const failures = stores[name].failures;
    await leaving.stop();
    if (generations[name] !== generation) return;
    if (stores[name].failures === failures) answers.requireStored(name, generation, stores[name].durable);
    kill(name);
  }

  function kill(name: Name): void {
    generations[name] += 1;
    processes[name] = undefined;
    world.at(world.between(10, 400), () => boot(name));
  }

  /** Kills a process, loses what a database had not flushed, or stops a process for longer than its lease. */
  function disturb(name: Name): void {
    counts.crashes += 1;
    const kind = world.random();
    if (kind < 0.2) kill(name);
    else if (kind < 0.3) void leave(name);
    else if (kind < 0.6) stores[name].crash();
    else if (kind < 0.8) stores[name].slowUntil(world.now() + world.between(100, troubleMs));
    else pausedUntil[name] = world.now() + world.between(50, 1500);
  }

  /** The network between two hops: a message may be lost, late, doubled, or answered by a stranger. */
  async function send(to: Name, request: ForwardRequest, isAlive: () => boolean) {
    const answer = deliver(to, toCreateRequest(request));
    const timeout = world.sleep(requestMs).then(() => undefined);
    if (mutation === 'answered-before-next')
      return { kind: 'done' as const, message: '', hops: [], doneAt: new Date(0) };
    const raw = await Promise.race([answer, timeout]);
    if (!isAlive()) return never();
    if (raw === undefined) throw new AttemptTimeoutError('No answer in time.');
    if (raw === 'refused') throw new NeighbourError('neighbour-unreachable', 'The connection was refused.');
    if (mutation === 'pending-is-done' && raw.status === 202) {
      return { kind: 'done' as const, message: '', hops: [] };
    }
    if (mutation === 'foreign-4xx-is-final' && raw.status >= 400 && raw.status < 500) {
      return { kind: 'refused' as const, detail: 'refused', errors: [] };
    }
    const answered = parseNeighbourAnswer(
      { status: raw.status, header: () => undefined, text: JSON.stringify(raw.body) },
      request.id,
    );
    if (answered.kind !== 'done') return answered;
    if (mutation === 'answer-of-the-clock') return { ...answered, doneAt: new Date(world.now() + epochMs) };
    return isOlder && to === 'end' ? { ...answered, doneAt: undefined } : answered;
  }

  async function deliver(to: Name, request: CreateRequest): Promise<Answer | 'refused'> {
    const ratio = faultRatio();
    const hit = (share: number) => {
      const isHit = world.chance(ratio * share);
      if (isHit) counts.faults += 1;
      return isHit;
    };
    if (hit(0.3)) return { status: 404, headers: {}, body: { html: 'not here' } };
    const late = hit(0.3) ? world.between(1, 2000) : undefined;
    if (late !== undefined) world.at(late, () => void receive(to, request));
    const twin = hit(0.3) ? world.sleep(world.between(1, 20)).then(() => receive(to, request)) : never();
    if (hit(0.3)) return never();
    await world.sleep(hit(0.3) ? world.between(50, 1500) : world.between(0, 5));
    const answer = await Promise.race([receive(to, request), twin]);
    await world.sleep(hit(0.3) ? world.between(50, 1500) : world.between(0, 5));
    return hit(0.3) ? never() : answer;
  }

  async function receive(to: Name, request: CreateRequest): Promise<Answer | 'refused'> {
    const generation = generations[to];
    const process = processes[to];
    if (process === undefined) return 'refused';
    const deadline = createDeadline(requestMs, world.now);
    const note = answers.begin(to, generation, request);
    const answer = await process.create({ ...request, deadline }).catch((error: unknown): Answer => {
      if (!isKnownError(error)) throw error;
      const { problem, headers } = toProblem(error, false);
      return { status: problem.status, headers, body: { ...problem } };
    });
    if (generations[to] !== generation) return never();
    note(answer);
    return answer;
  }

  const told = new Map<string, { accepted: boolean; final: Set<string> }>();
  /** A client that repeats the same request until it knows the end, and sometimes for no reason. */
  async function order(content: Body): Promise<void> {
    const seen = { accepted: false, final: new Set<string>() };
    told.set(content.id, seen);
    for (let tries = world.between(1, 6); tries > 0; tries -= 1) {
      const request: CreateRequest = {
        content,
        count: 0,
        parent: null,
        deadline: createDeadline(requestMs, world.now),
        via: [],
        propagatedHeaders: {},
        callerRetries: false,
        background: false,
        faults: noFaults,
      };
      const answer = await Promise.race([
        deliver('front', request),
        world.sleep(requestMs * 2).then(() => undefined),
      ]);
      if (answer !== undefined && answer !== 'refused') {
        if (answer.status === 200 || answer.status === 202) seen.accepted = true;
        if (answer.status === 200) seen.final.add('completed');
        if (answer.status === 422 && answer.body.final === true) seen.final.add('cancelled');
      }
      await world.sleep(world.between(0, 800));
    }
  }

  for (const name of names) boot(name);
  const orders = Array.from({ length: world.between(1, 4) }, (_, n) =>
    createContent(world, `${seed}-${n}`, seed % 5 === 0 ? `${seed}` : `${seed}-${n}`),
  );
  for (const content of orders) world.at(world.between(0, troubleMs / 2), () => void order(content));
  for (let n = world.between(0, 6); n > 0; n -= 1) {
    const name = names[world.between(0, 2)] as Name;
    world.at(world.between(0, troubleMs), () => disturb(name));
  }
  await world.run(troubleMs + 6000);
  await world.run(troubleMs + 2 * lateMs, () => isQuiet(stores));

  for (const name of names) answers.compare(name, stores[name].durable);
  const violations = [...check(orders, stores, told), ...answers.broken];
  const front = [...stores.front.durable.values()];
  return {
    violations,
    accepted: [...told.values()].filter(({ accepted }) => accepted).length,
    completed: front.filter(({ state }) => state === 'completed').length,
    ...counts,
  };
}

/** A process that serves. */
interface Process {
  readonly create: Create;
  stop(): Promise<void>;
}

interface ClockError {
  readonly smallMs: number;
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly jumpsAt: number;
}

/** A machine that slept, a clock that was never set, a step of the time service. */
function createClockError(world: World, troubleMs: number): ClockError {
  const wrongMs = () =>
    world.between(-1, 1) * world.between(1, 20) * (world.chance(0.5) ? minuteMs : 1440 * minuteMs);
  return {
    smallMs: world.between(-200, 200),
    beforeMs: wrongMs(),
    afterMs: wrongMs(),
    jumpsAt: world.between(0, troubleMs),
  };
}

/** In some histories the parts of all orders have the same ids, as when somebody uses another's on purpose. */
function createContent(world: World, orderId: string, partId: string): Body {
  const amount = world.chance(0.1) ? 1000 : 1;
  const to = ['nowhere', 'perhaps', 'perhaps', 'home', 'home'][world.between(0, 4)];
  return { id: orderId, middle: { id: `m-${partId}`, amount, leaf: { id: `l-${partId}`, to } } };
}

/** What the receiver makes of a message between two hops. */
export function toCreateRequest(request: ForwardRequest): CreateRequest {
  const { body, count, parent, deadline, background = false } = request;
  return {
    content: body,
    count,
    parent,
    deadline,
    via: [],
    propagatedHeaders: {},
    callerRetries: true,
    background,
    faults: noFaults,
  };
}

function isQuiet(stores: Record<Name, SimStore>): boolean {
  return names.every((name) => [...stores[name].durable.values()].every(({ state }) => state !== 'accepted'));
}

/** The promises of the protocol, checked on what the disks hold. */
function check(
  orders: readonly Body[],
  stores: Record<Name, SimStore>,
  told: ReadonlyMap<string, { accepted: boolean; final: Set<string> }>,
): string[] {
  const bad: string[] = [];
  const demand = (holds: boolean, words: string) => holds || bad.push(words);
  for (const name of names) {
    for (const id of stores[name].doubled) bad.push(`${name} "${id}" was inserted beside itself`);
  }
  for (const content of orders) {
    const orderId = content.id;
    const front = stores.front.durable.get(orderId);
    const payments = partsOf(orderId, stores.middle);
    const shipments = payments.flatMap(({ _id }) => partsOf(_id, stores.end));
    demand(payments.length < 2 && shipments.length < 2, `${orderId} was paid or shipped twice`);
    const [paid] = payments;
    const [shipped] = shipments;
    const client = told.get(orderId);
    demand(!client?.accepted || front !== undefined, `${orderId} was answered 200 or 202 and is lost`);
    if (front === undefined) {
      demand(
        shipped?.state !== 'completed' && paid?.state !== 'completed',
        `${orderId} is unknown and was carried out`,
      );
      continue;
    }
    demand(front.state === 'completed' || front.state === 'cancelled', `${orderId} ended as ${front.state}`);
    const completed = front.state === 'completed';
    demand(completed || !isWelcome(content), `${orderId} is ${front.state}, and nobody refused it`);
    demand(
      completed === (paid?.state === 'completed'),
      `${orderId} is ${front.state}, its payment ${paid?.state}`,
    );
    demand(
      completed === (shipped?.state === 'completed'),
      `${orderId} is ${front.state}, its goods ${shipped?.state}`,
    );
    for (const final of client?.final ?? [])
      demand(final === front.state, `${orderId} was called ${final} and is ${front.state}`);
    demand(isBalanced(paid), `${orderId} has the ledger ${JSON.stringify(paid?.ledger)}`);
  }
  return bad;
}

/** Whether no service has a reason of its own to refuse it. */
function isWelcome({ middle: part }: Body): boolean {
  const { amount, leaf: goods } = part as z.infer<typeof middle>;
  return amount === 1 && goods.to === 'home';
}

function partsOf(parent: string, store: SimStore): HopRecord[] {
  return [...store.durable.values()].filter((record) => record.parent === parent);
}

/** One charge and exactly one capture or refund; nothing when the payment was refused or never came. */
export function isBalanced(paid: HopRecord | undefined): boolean {
  const moves = (paid?.ledger ?? []).map(({ t }) => t).join('+');
  if (paid === undefined || paid.state === 'rejected') return moves === '';
  return moves === (paid.state === 'completed' ? 'charge+capture' : 'charge+refund');
}
