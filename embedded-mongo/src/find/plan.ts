/**
 * Chooses how a query finds its documents: by `_id`, through an index, or by reading the whole collection. A plan may
 * find too many documents (the matcher checks each again) but never too few.
 */

import { boundsFor } from '../query/bounds.ts';
import { type Conditions, collectConditions, implies } from '../query/conditions.ts';
import type { Filter } from '../query/predicate.ts';
import type { SortPart } from '../query/sort.ts';
import type { CollectionInfo, Index } from '../store/catalog.ts';
import { documentKeyOf, documentRange, indexRange, indexSpan } from '../store/keys.ts';
import type { Range } from '../store/storage.ts';
import { bindIndex } from './index-ranges.ts';

/** A way to find documents. */
export interface Plan {
  readonly kind: 'id' | 'collection' | 'index';
  /** For `id`: the keys of the documents. */
  readonly keys: readonly Buffer[];
  /** For `collection` and `index`: the ranges to read, in order. */
  readonly ranges: readonly Range[];
  readonly index: Index | undefined;
  /** True when documents come in the requested order. */
  readonly isSorted: boolean;
}

/** Makes the plan for a filter and a sort order. */
export function makePlan(
  info: CollectionInfo,
  filter: Filter,
  sort: readonly SortPart[],
  hint?: string,
): Plan {
  const conditions = collectConditions(filter);
  const byId = hint === undefined || hint === '_id_' ? planById(info, conditions, sort) : undefined;
  if (byId?.kind === 'id') return byId;
  let best: Candidate | undefined;
  for (const index of info.indexes) {
    if (hint !== undefined && hint !== index.name) continue;
    const candidate = planIndex(index, conditions, sort);
    if (candidate && (!best || candidate.score > best.score)) best = candidate;
  }
  if (best && (best.score > 0 || hint !== undefined) && !(byId && best.score < BY_ID_RANGE)) return best.plan;
  return byId ?? wholeCollection(info, sort);
}

const BY_ID_RANGE = 50;

interface Candidate {
  readonly plan: Plan;
  readonly score: number;
}

function wholeCollection(info: CollectionInfo, sort: readonly SortPart[]): Plan {
  const isSorted = sort.length === 0 || sort[0]?.path.text === '_id';
  const range = {
    ...documentRange(info.id),
    reverse: sort[0]?.path.text === '_id' && sort[0].direction === -1,
  };
  return { kind: 'collection', keys: [], ranges: [range], index: undefined, isSorted };
}

/** Points on `_id` are looked up; a range of ids is a range of documents. */
function planById(info: CollectionInfo, conditions: Conditions, sort: readonly SortPart[]): Plan | undefined {
  const intervals = boundsFor(conditions.get('_id') ?? [], false);
  if (!intervals) return undefined;
  if (intervals.every((interval) => interval.isPoint)) {
    const keys = intervals.map(({ low }) => documentKeyOf(info.id, low));
    return { kind: 'id', keys, ranges: [], index: undefined, isSorted: sort.length === 0 || keys.length < 2 };
  }
  const whole = wholeCollection(info, sort);
  const reverse = whole.ranges[0]?.reverse ?? false;
  const ranges = intervals.map(({ low, high }) => ({
    start: documentKeyOf(info.id, low),
    end: documentKeyOf(info.id, high),
    reverse,
  }));
  return { ...whole, ranges: reverse ? ranges.reverse() : ranges };
}

function planIndex(index: Index, conditions: Conditions, sort: readonly SortPart[]): Candidate | undefined {
  if (index.partial && !implies(conditions, index.partial)) return undefined;
  if (index.parts.some(({ path }) => path.parts.some((part) => part.index >= 0))) return undefined;
  if (index.sparse && !index.parts.some(({ path }) => needsValue(conditions, path.text))) return undefined;
  const { prefixes, points, hasRange } = bindIndex(index, conditions);
  const order = sortOrder(index, sort, points, prefixes.length);
  const isBound = points > 0 || hasRange;
  const score =
    points * 100 +
    (hasRange ? 40 : 0) +
    (order ? 30 : 0) +
    (index.unique && points === index.parts.length ? 50 : 0) +
    (index.partial ? 5 : 0);
  const reverse = order === 'reverse';
  const ranges = isBound
    ? prefixes.map(({ low, high }) => ({ ...indexSpan(index.id, low, high), reverse }))
    : [{ ...indexRange(index.id), reverse }];
  if (reverse) ranges.reverse();
  return {
    plan: { kind: 'index', keys: [], ranges, index, isSorted: sort.length === 0 || order !== undefined },
    score,
  };
}

function needsValue(conditions: Conditions, path: string): boolean {
  return implies(conditions, { kind: 'field', path: { text: path, parts: [] }, predicate: { op: 'exists' } });
}

/** Tells whether reading the index gives the wanted order: the parts after single values must be the sort's. */
function sortOrder(
  index: Index,
  sort: readonly SortPart[],
  points: number,
  prefixes: number,
): 'forward' | 'reverse' | undefined {
  if (sort.length === 0 || index.isMultikey) return undefined;
  if (prefixes > 1 && points > 0) return undefined;
  for (let skip = 0; skip <= points; skip++) {
    const parts = index.parts.slice(skip, skip + sort.length);
    if (parts.length < sort.length || parts.some(({ path }, at) => path.text !== sort[at]?.path.text))
      continue;
    const same = parts.map(({ direction }, at) => direction === sort[at]?.direction);
    if (same.every(Boolean)) return 'forward';
    if (!same.some(Boolean)) return 'reverse';
  }
  return undefined;
}
