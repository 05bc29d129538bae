/**
 * Shifts the share of the canaries in steps, judges each, and ends with promotion or rollback.
 *
 * A bad step ends at once, so that no further orders meet the canary.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { serviceNames } from '../../chain.ts';
import type { HaproxySocket } from '../proxies/haproxy-socket.ts';
import type { HttpCalls } from '../server/http-call.ts';
import { judgeStep, type ServiceSample, type Verdict } from './judge.ts';
import { observe, serversOf, toSamples } from './observe.ts';
import { releaseOf } from './release-set.ts';
import { toWeights, type Weights } from './share.ts';

/** The steps of a rollout. */
export interface RolloutSettings {
  /** The canaries' share of each step, in percent, growing. */
  readonly steps: readonly number[];
  /** The shortest length of a step, and the longest when calls are few. */
  readonly stepMs: number;
  readonly longestMs: number;
}

/** What a rollout works with. */
export interface RolloutOptions {
  readonly socket: HaproxySocket;
  readonly calls: HttpCalls;
  readonly print: (sentence: string) => void;
}

/** The interval between observations. */
const everyMs = 500;

/** Runs a rollout; returns whether the canary was promoted. */
export async function rollOut(settings: RolloutSettings, options: RolloutOptions): Promise<boolean> {
  let reference: readonly ServiceSample[] | undefined;
  for (const percent of settings.steps) {
    const weights = await setShare(percent, options.socket);
    const { verdict, samples, seconds } = await watchStep(settings, options, reference);
    const what = `${percent} % (weights stable ${weights.stable}, canary ${weights.canary}), ${seconds.toFixed(0)} s`;
    if (verdict.kind !== 'good') {
      await setShare(0, options.socket);
      options.print(`${what}: rolled back. ${verdict.why}`);
      return false;
    }
    options.print(`${what}: good. ${verdict.why}`);
    if (percent < 100) reference = samples;
  }
  return true;
}

/** Gives the canaries of every service a share, in percent, through HAProxy's runtime interface. */
export async function setShare(percent: number, socket: HaproxySocket): Promise<Weights> {
  const servers = await socket.servers();
  let first: Weights = { stable: 1, canary: 1 };
  for (const service of serviceNames) {
    const places = serversOf({ servers }, service).filter(({ backend }) => backend === service);
    const canaries = places.filter((place) => releaseOf(place) === 'canary');
    const stables = places.filter((place) => releaseOf(place) === 'stable');
    const weights = toWeights(percent, { stable: stables.length, canary: canaries.length });
    // Increases come first, so that the weights are never all 0.
    const changes = [
      ...canaries.map((server) => ({ server, weight: weights.canary })),
      ...stables.map((server) => ({ server, weight: weights.stable })),
    ].sort((a, b) => Number(a.weight === 0) - Number(b.weight === 0));
    for (const { server, weight } of changes) await socket.setWeight(server, weight);
    if (service === serviceNames[0]) first = weights;
  }
  return first;
}

async function watchStep(
  { stepMs, longestMs }: RolloutSettings,
  { socket, calls }: RolloutOptions,
  reference: readonly ServiceSample[] | undefined,
): Promise<{ verdict: Verdict; samples: readonly ServiceSample[]; seconds: number }> {
  const before = await observe(socket, calls);
  const startedAt = performance.now();
  for (;;) {
    await wait(everyMs);
    const samples = toSamples(before, await observe(socket, calls));
    const verdict = judgeStep(samples, reference);
    const elapsedMs = performance.now() - startedAt;
    const isOver = verdict.kind === 'good' ? elapsedMs >= stepMs : elapsedMs >= longestMs;
    if (verdict.kind === 'bad' || isOver) return { verdict, samples, seconds: elapsedMs / 1000 };
  }
}
