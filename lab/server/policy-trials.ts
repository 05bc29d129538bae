/**
 * Tries the best settings of the last tune on live traffic, beside the present ones: the calls of a hop are kept while
 * the trial runs, and judged again and again. Nothing is changed by it. One trial at a time.
 */
import { RequestError, UnavailableError } from '@holdfast/shared/core/errors.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { TraceCall } from '../traces/trace.ts';
import type { ListenToHop } from './hop-calls.ts';
import type { JudgeThread } from './judge-thread.ts';
import type { TrialArm, TrialStatus } from './policy-trial.ts';
import { toTrace } from './to-trace.ts';
import type { TuneResults } from './tune-results.ts';

/** What trials work with. */
export interface TrialOptions {
  readonly clock: Clock;
  readonly listen: ListenToHop;
  readonly tunes: Pick<TuneResults, 'find'>;
  /**
   * The present policy of a hop.
   * @throws {RequestError} `not-found` when there is no such hop, or it cannot be asked.
   */
  readonly readPolicy: (hop: string) => Promise<Policy>;
  /** Judges away from here, so that the lab answers meanwhile. */
  readonly thread: JudgeThread;
}

/** The trials. */
export interface PolicyTrials {
  status(): TrialStatus;
  /**
   * Begins one.
   * @throws {UnavailableError} when one is running.
   * @throws {RequestError} `not-found` when there is no such hop, or no tune of it.
   */
  start(hop: string): Promise<void>;
  stop(): void;
  /** Judges what is new. Called once a second; resolves when it is done. */
  tick(): Promise<void>;
}

/** Calls that are kept; older ones are forgotten. */
const maxCalls = 10_000;
/** A replay with fewer says nothing. */
const minReplayed = 50;
/** From one replay to the next, or four times as long as the last one took. */
const replayEveryMs = 5000;

const none: TrialStatus = {
  ...{ state: 'none', why: null, hop: null, startedAt: null, calls: 0, arms: [], replayed: null },
};

/** Creates the list; nothing runs yet. */
export function createPolicyTrials({ clock, listen, tunes, readPolicy, thread }: TrialOptions): PolicyTrials {
  let latest = none;
  let calls: TraceCall[] = [];
  let judged = 0;
  let heard = 0;
  let replayAt = 0;
  let leave = () => undefined as unknown;
  let busy = false;

  return {
    status: () => latest,
    async start(hop) {
      demandNone();
      const policy = await readPolicy(hop);
      const result = await tunes.find(hop);
      if (result === undefined) {
        const why = `There is no tune of ${hop} yet; npm run tune -- --for ${hop} --fault slow:3x:10s --rate 80 makes one.`;
        throw new RequestError('not-found', why);
      }
      demandNone(); // another may have begun meanwhile
      calls = [];
      judged = 0;
      heard = 0;
      replayAt = 0;
      leave = listen(hop, { onCall: keep });
      const best = result.best.slice(0, 3).map(({ policy: one }, index) => newArm(`${index + 1}`, one));
      latest = {
        ...none,
        ...{ state: 'running', why: waiting, hop, startedAt: Math.round(clock()) },
        arms: [newArm('current', policy), ...best],
      };
    },
    stop() {
      if (latest.state !== 'running') return;
      end({ state: 'stopped', why: null });
    },
    async tick() {
      if (latest.state !== 'running' || busy || heard === judged || latest.hop === null) return;
      busy = true;
      try {
        await judge(latest.hop);
      } catch (error) {
        // A trial that was stopped meanwhile has not failed.
        if (latest.state === 'running')
          end({ state: 'failed', why: error instanceof Error ? error.message : String(error) });
      } finally {
        busy = false;
      }
    },
  };

  function demandNone(): void {
    if (latest.state !== 'running') return;
    const why = `A trial of ${latest.hop} is running already; stop it first.`;
    throw new UnavailableError('overloaded', why, { retryAfterMs: 5000 });
  }

  function keep(call: TraceCall): void {
    calls.push(call);
    heard += 1;
    if (calls.length >= maxCalls * 1.1) calls = calls.slice(-maxCalls);
  }

  async function judge(hop: string): Promise<void> {
    judged = heard;
    const begun = latest.startedAt;
    // The present settings may have been changed meanwhile; a service that is away keeps its last.
    const present = await readPolicy(hop).catch(() => latest.arms[0]?.policy);
    const trace = toTrace(calls.slice(-maxCalls), {
      hop,
      ...(present === undefined ? {} : { attemptTimeoutMs: present.attemptTimeoutMs }),
    });
    const arms = latest.arms.map((arm) =>
      arm.name === 'current' && present !== undefined ? { ...arm, policy: present } : arm,
    );
    const isReplayed = clock() >= replayAt && trace.calls >= minReplayed;
    const from = clock();
    const { shadows, replay } = await thread.judge({
      ...{ trace, isReplayed, policies: arms.map(({ policy }) => policy) },
    });
    if (latest.state !== 'running' || latest.startedAt !== begun) return;
    if (isReplayed) replayAt = clock() + Math.max(replayEveryMs, 4 * (clock() - from));
    const shadowed = arms.map((arm, index) => ({ ...arm, shadow: shadows[index] ?? null }));
    latest = { ...latest, calls: trace.calls, arms: shadowed };
    if (replay === null) return;
    if ('why' in replay) latest = { ...latest, why: `No replay of these calls: ${replay.why}` };
    else {
      const { numbers, sentences } = replay;
      latest = {
        ...{ ...latest, why: null },
        arms: shadowed.map((arm, index) => ({ ...arm, replay: numbers[index] ?? null })),
        replayed: { at: Math.round(clock()), calls: trace.calls, sentences },
      };
    }
  }

  function end(how: Pick<TrialStatus, 'state' | 'why'>): void {
    leave();
    thread.close();
    latest = { ...latest, ...how };
  }
}

const waiting = `Waiting for ${minReplayed} calls before the first replay.`;

function newArm(name: string, policy: Policy): TrialArm {
  return { name, policy, shadow: null, replay: null };
}
