/** Whose fault it was: of one instance, or of all at once. */
import { toMean } from '../measure/statistics.ts';
import { type FoundFault, findFaults, type PlacedFault, toBucketMs } from './find-faults.ts';
import { pick, type SentCalls } from './sent-calls.ts';

/** With more instances only what all have together is looked for. */
const maxInstances = 20;

/** Finds the faults of calls to `instances`, sorted by beginning. */
export function findInstanceFaults(
  calls: SentCalls,
  instances: readonly number[],
  bucketMs: number,
): readonly PlacedFault[] {
  if (instances.length === 1 || instances.length > maxInstances) return findFaults(calls, bucketMs).faults;
  const endMs = calls.at[calls.length - 1] ?? 0;
  const found = instances.map((name, instance) => {
    const kept = [...calls.instance.keys()].filter((index) => calls.instance[index] === name);
    const own = pick(calls, kept);
    return findFaults(own, toBucketMs(own.length, endMs)).faults.map((fault) => ({
      ...fault,
      instance,
      name,
    }));
  });
  const [first = [], ...others] = found;
  const shared = new Set<PlacedFault>();
  const common = first.flatMap((fault): PlacedFault[] => {
    const matches = others.map((faults) =>
      faults.find((other) => !shared.has(other) && isSame(fault, other)),
    );
    if (matches.some((match) => match === undefined)) return [];
    const all = [fault, ...matches.filter((match) => match !== undefined)];
    for (const one of all) shared.add(one);
    return [merge(all)];
  });
  const single = found.flat().filter((fault) => !shared.has(fault));
  return [...common, ...single].sort((a, b) => a.fromMs - b.fromMs);
}

/** They overlap for at least half of the shorter one. */
function isSame(one: FoundFault, other: FoundFault): boolean {
  const bothMs = Math.min(one.untilMs, other.untilMs) - Math.max(one.fromMs, other.fromMs);
  const shorterMs = Math.min(one.untilMs - one.fromMs, other.untilMs - other.fromMs);
  return one.type === other.type && bothMs >= shorterMs / 2;
}

function merge(all: readonly PlacedFault[]): PlacedFault {
  const mean = (of: (fault: FoundFault) => number) => toMean(all.map(of));
  const [{ instance: _, name: __, ...first }] = all as readonly [PlacedFault];
  return {
    ...first,
    fromMs: Math.min(...all.map(({ fromMs }) => fromMs)),
    untilMs: Math.max(...all.map(({ untilMs }) => untilMs)),
    seenUntilMs: Math.max(...all.map(({ seenUntilMs }) => seenUntilMs)),
    factor: mean(({ factor }) => factor),
    ratio: mean(({ ratio }) => ratio),
  };
}
