/**
 * Puts the lab together and runs it in this process: settings → services, traffic, page → app → listen.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Resolve } from '@holdfast/shared/discovery/dns.ts';
import { guardControl } from '@holdfast/shared/http/control.ts';
import { listen } from '@holdfast/shared/http/lifecycle.ts';
import { createReadGate } from '@holdfast/shared/http/read-gate.ts';
import type { Log } from '@holdfast/shared/observability/log.ts';
import { type Clock, systemClock } from '@holdfast/shared/resilience/deadline.ts';
import { createLabApp } from './app.ts';
import { createChangeServices } from './change-services.ts';
import { createComparisons } from './comparisons.ts';
import { createCustomers } from './customers.ts';
import { createExperiments } from './experiments.ts';
import { openHistoryFiles } from './history-files.ts';
import { createListenToHop } from './hop-calls.ts';
import { createHttpCalls } from './http-call.ts';
import { createJudgeThread } from './judge-thread.ts';
import { createLab, type Lab } from './lab.ts';
import { openLedger } from './ledger.ts';
import { dashboardFolder, makePage, type Page } from './page.ts';
import { createPolicyTrials } from './policy-trials.ts';
import { createReadAccess } from './read-access.ts';
import { createReadPolicy } from './read-policy.ts';
import { createRecordings } from './recordings.ts';
import { type LabSettings, parseServices } from './settings.ts';
import { createTraffic } from './traffic.ts';
import { createTuneResults } from './tune-results.ts';

/** What `runLab` puts together. */
export interface RunLabOptions {
  readonly settings: LabSettings;
  readonly log: Log;
  readonly clock?: Clock;
  /** Where the page's sources are. */
  readonly folder?: string;
  /** Resolves a host name; by default the system's resolver. */
  readonly resolve?: Resolve;
}

/** A lab that runs in this process. */
export interface RunningLab {
  readonly url: string;
  readonly lab: Lab;
  /** Resolves when the page is bundled, or has failed. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

const tickMs = 250;
const heartbeatMs = 2000;
const trialMs = 1000;
/** Time for requests in progress when the lab stops. */
const graceMs = 1000;

/**
 * Runs the lab.
 * @throws {ListenError} when the port cannot be used.
 */
export async function runLab(options: RunLabOptions): Promise<RunningLab> {
  const { settings, log, clock = systemClock, folder = dashboardFolder, resolve } = options;
  const boot = randomUUID().slice(0, 8);
  const places = parseServices(settings.LAB_SERVICES);
  const doors = () => {
    const services = lab.services();
    return services.filter(({ name }) => name === services[0]?.name).map(({ url }) => url);
  };
  const calls = createHttpCalls();
  const ledger = openLedger({
    mongoUrl: settings.MONGO_URL,
    clock,
    sleep: (ms) => wait(ms, undefined, { ref: false }),
    onFinding({ what }) {
      log.error(`audit: ${what}`);
      lab.tellFinding(what);
    },
  });
  const customers = createCustomers({ calls, doors, run: boot, clock, onAnswer: ledger.noteAnswer });
  const traffic = createTraffic({
    clock,
    send: customers.orderDueAt,
    after,
    onSwitch: (change) => lab.onSwitch(change),
  });
  const files = await openHistoryFiles({ folder: settings.LAB_DATA_DIR, clock, log });
  const lab: Lab = createLab({
    places,
    resolve,
    traffic,
    ledger,
    tokenNeeded: settings.LAB_TOKEN !== '',
    boot,
    files,
    clock,
    log,
  });
  const control = {
    enabled: true,
    token: settings.LAB_TOKEN,
    names: settings.LAB_HOSTS.toLowerCase()
      .split(',')
      .filter((name) => name !== ''),
  };
  const comparisons = createComparisons(clock);
  const experiments = createExperiments(clock);
  const tunes = createTuneResults(settings.LAB_DATA_DIR);
  const listenToHop = createListenToHop(lab.services);
  const trials = createPolicyTrials({
    clock,
    listen: listenToHop,
    tunes,
    readPolicy: createReadPolicy(lab.services, calls),
    thread: createJudgeThread(),
  });
  const recordings = createRecordings({ listen: listenToHop, clock, after });
  let page: Page | undefined;
  const app = createLabApp({
    lab,
    traffic,
    customers,
    comparisons,
    experiments,
    trials,
    tunes,
    recordings,
    change: createChangeServices(calls, settings.LAB_TOKEN),
    clock,
    guard: guardControl(control),
    access: createReadAccess(control),
    reads: createReadGate(),
    page: () => page,
    calls,
    log,
  });
  const server = await listen({ host: settings.HOST, port: settings.PORT }, app).catch(
    async (error: unknown) => {
      await lab.stop();
      await ledger.stop();
      throw error;
    },
  );
  const timers = [
    setInterval(lab.tick, tickMs),
    setInterval(lab.heartbeat, heartbeatMs),
    setInterval(trials.tick, trialMs),
  ];
  const ready = makePage(folder).then((made) => {
    page = made;
    if (made.kind === 'broken') log.error(made.why);
  });

  return {
    url: server.url,
    lab,
    ready,
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await lab.stop();
      traffic.reset();
      recordings.stop();
      trials.stop();
      await Promise.all([comparisons, experiments].map((one) => one.cancel('The lab was stopped.')));
      await server.close(graceMs);
      calls.close();
      await ledger.stop();
    },
  };
}

function after(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
