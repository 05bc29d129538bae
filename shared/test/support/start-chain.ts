/** A chain of hops, each of which forwards to the next. */
import type { RunningHop } from '@holdfast/shared/app/run-hop.ts';
import type { Resource } from '@holdfast/shared/core/resource.ts';
import type { Hops } from './hops.ts';
import { endKind, frontKind, middleKind } from './kinds.ts';

/** The hops of a chain of three. */
export interface ChainOfThree {
  readonly front: RunningHop;
  readonly middle: RunningHop;
  readonly end: RunningHop;
}

/** What differs from the usual chain. */
interface Differences {
  /** Settings of all hops. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of the first hop, beside those. */
  readonly frontEnv?: Readonly<Record<string, string>>;
  /** Three resources in place of the tests' own. Their bodies have nothing in common, so only names are typed. */
  readonly kinds?: readonly [Named, Named, Named];
}

type Named = Pick<Resource, 'singular'>;

/** Starts three hops, the last one first; each is named after what it keeps. */
export async function startChain(
  hops: Hops,
  { env = {}, frontEnv = {}, kinds = [frontKind, middleKind, endKind] }: Differences = {},
): Promise<ChainOfThree> {
  const [first, second, third] = kinds;
  const start = (kind: Named, more: Readonly<Record<string, string>>) =>
    hops.start(kind as Resource, kind.singular, { ...env, ...more });
  const end = await start(third, {});
  const middle = await start(second, before(end, third));
  return { front: await start(first, { ...before(middle, second), ...frontEnv }), middle, end };
}

function before({ url }: RunningHop, { singular }: Named) {
  return { CHAIN_SVC: `${url}/create`, NEXT_NAME: singular };
}
