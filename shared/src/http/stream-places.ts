/** Shares the places for streams between addresses: who holds most of them gives one to who holds fewer. */

/**
 * The newest stream of the address with the most, which ends for one of `address` when all places are taken; `undefined`
 * when no address would still have as many as this one. `held` has the oldest first.
 */
export function toReplaced<T extends { readonly address: string }>(
  held: Iterable<T>,
  address: string,
): T | undefined {
  const byAddress = Map.groupBy(held, (stream) => stream.address);
  const [most = []] = [...byAddress.values()].sort((a, b) => b.length - a.length);
  return most.length > (byAddress.get(address)?.length ?? 0) + 1 ? most.at(-1) : undefined;
}
