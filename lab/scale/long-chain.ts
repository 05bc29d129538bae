/**
 * A chain of any length: the services of chain.ts, and behind them its last one again and again under other names, with
 * a collection each.
 */
import { chain } from '../../chain.ts';
import { type RunningHops, startHops } from '../bench/hops.ts';
import { toServiceProcess } from '../bench/service-process.ts';

/** Starts a chain of `length` hops, at least those of chain.ts. */
export function startLongChain(mongoUrl: string, length: number = chain.length): Promise<RunningHops> {
  const { folder } = chain[chain.length - 1] as (typeof chain)[number];
  const further = Array.from({ length: length - chain.length }, (_, index) => ({
    name: `hop-${chain.length + index + 1}`,
    folder,
  }));
  return startHops(
    [...chain, ...further].map((service) => ({
      name: service.name,
      // A hop forwards nothing when its number reaches JUMPS.
      toProcess: (next) => toServiceProcess(service, { mongoUrl, next, env: { JUMPS: `${length + 1}` } }),
    })),
  );
}
