/**
 * Shifts the share of the canaries in steps, lets the judge look at each, and ends with all or nothing.
 *
 * A bad step ends at once, not at its end: what was seen is enough, and every further order there is one too many.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { serviceNames } from '../../chain.ts';
import type { HaproxySocket } from '../proxies/haproxy-socket.ts';
import type { HttpCalls } from '../server/http-call.ts';
import { judgeStep, type ServiceSample, type Verdict } from './judge.ts';
import { look, serversOf, toSamples } from './observe.ts';
import { releaseOf } from './release-set.ts';
import { toWeights, type Weights } from './share.ts';

/** How to go on. */
export interface RolloutSettings {
  /** The canaries' share of each step, in percent, growing. */
  readonly steps: readonly number[];
  /** How long a step is looked at in any case, and how long it may last when few calls come. */
  readonly stepMs: number;
  readonly longestMs: number;
}

/** A rollout's surroundings. */
export interface RolloutOptions {
  readonly socket: HaproxySocket;
  readonly calls: HttpCalls;
  readonly say: (sentence: string) => void;
}

/** How often a step is looked at. */
const everyMs = 500;

/** Runs a rollout; answers whether the canary was promoted. */
export async function rollOut(settings: RolloutSettings, options: RolloutOptions): Promise<boolean> {
  let reference: readonly ServiceSample[] | undefined;
  for (const percent of settings.steps) {
    const weights = await setShare(percent, options.socket);
    const { verdict, samples, seconds } = await watchStep(settings, options, reference);
    const what = `${percent} % (weights stable ${weights.stable}, canary ${weights.canary}), ${seconds.toFixed(0)} s`;
    if (verdict.kind !== 'good') {
      await setShare(0, options.socket);
      options.say(`${what}: rolled back. ${verdict.why}`);
      return false;
    }
    options.say(`${what}: good. ${verdict.why}`);
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
    // What grows comes first, so that at no moment nobody has a weight.
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
  const before = await look(socket, calls);
  const startedAt = performance.now();
  for (;;) {
    await wait(everyMs);
    const samples = toSamples(before, await look(socket, calls));
    const verdict = judgeStep(samples, reference);
    const elapsedMs = performance.now() - startedAt;
    const isOver = verdict.kind === 'good' ? elapsedMs >= stepMs : elapsedMs >= longestMs;
    if (verdict.kind === 'bad' || isOver) return { verdict, samples, seconds: elapsedMs / 1000 };
  }
}
