/** Turns the conditions on the parts of an index into ranges of its keys: values first, then one range. */
import { afterPrefix } from '../bson/after-prefix.ts';
import { boundsFor, type Interval } from '../query/bounds.ts';
import type { Conditions } from '../query/conditions.ts';
import type { Index } from '../store/catalog.ts';

/** Above this number of ranges (lists multiply) fewer, larger ones are read. */
const LARGEST_PRODUCT = 1000;

/** The keys of an index that can match. */
export interface Bound {
  /** Ranges of keys, without the index's own prefix. */
  readonly prefixes: readonly { low: Buffer; high: Buffer }[];
  /** How many leading parts are single values or lists of them. */
  readonly points: number;
  readonly hasRange: boolean;
}

/** Turns the conditions on the leading parts of an index into ranges of its keys. */
export function bindIndex(index: Index, conditions: Conditions): Bound {
  let prefixes = [Buffer.alloc(0)];
  const roots = new Set<string>();
  let points = 0;
  for (const { path, direction } of index.parts) {
    const root = path.parts[0]?.name ?? '';
    // In a multikey index two fields of one array may come from different elements: one bound only.
    if (index.isMultikey && roots.has(root)) break;
    roots.add(root);
    const intervals = boundsFor(conditions.get(path.text) ?? [], index.isMultikey);
    if (!intervals || intervals.length * prefixes.length > LARGEST_PRODUCT) break;
    const turned = direction === -1 ? intervals.map(reverse).reverse() : intervals;
    if (!intervals.every((interval) => interval.isPoint)) {
      const ranges = prefixes.flatMap((prefix) =>
        turned.map(({ low, high }) => ({
          low: Buffer.concat([prefix, low]),
          high: Buffer.concat([prefix, high]),
        })),
      );
      return { prefixes: ranges, points, hasRange: true };
    }
    prefixes = prefixes.flatMap((prefix) => turned.map(({ low }) => Buffer.concat([prefix, low])));
    points++;
  }
  return { prefixes: prefixes.map((low) => ({ low, high: afterPrefix(low) })), points, hasRange: false };
}

/** A descending part stores inverted keys: the bounds are swapped. */
function reverse({ low, high, isPoint }: Interval): Interval {
  if (isPoint) {
    const point = invert(low);
    return { low: point, high: afterPrefix(point), isPoint };
  }
  return { low: afterPrefix(invert(high)), high: afterPrefix(invert(low)), isPoint };
}

function invert(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => ~byte & 0xff));
}
