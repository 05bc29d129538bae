/**
 * The newest orders with their parts, put together from the steps that the services tell one by one.
 *
 * Steps arrive the last hop first, and ids may repeat from hop to hop (an order 1 can have a payment 1), so a part is
 * known by its level in the chain and its id. Its parent is the document one level before.
 */
import type { LabStep } from '../../server/wire.ts';

/** How far one document has come, as its own service tells it. */
export interface DocumentProgress {
  readonly id: string;
  readonly level: number;
  readonly parent: string | null;
  readonly firstAt: number;
  /** The newest step, whatever it was. */
  readonly last: LabStep;
  /** The first end of a create request: later repeats say nothing about the work of this hop. */
  readonly answered: LabStep | null;
  /** The newest turn with the next hop. */
  readonly handedOn: LabStep | null;
}

/** All parts that are remembered, and the front doors that they hang on. */
export interface OrderHistory {
  readonly parts: Readonly<Record<string, DocumentProgress>>;
  /** The key of the part behind a part; one level has one. */
  readonly behind: Readonly<Record<string, string>>;
  /** Documents at the front door, the newest first. */
  readonly roots: readonly Root[];
  /** The orders on show and since when: a table that changes 20 times a second cannot be read. */
  readonly shown: { readonly at: number; readonly roots: readonly Root[] };
}

/** Where a chain of documents begins: a document that was handed on by nobody. */
export interface Root {
  readonly key: string;
  readonly id: string;
  readonly level: number;
  readonly firstAt: number;
}

/**
 * Orders that are remembered and that are on show, and the number of parts above which the oldest are forgotten.
 */
export const limits = { remembered: 60, shown: 12, shownEveryMs: 1_000, parts: 450 } as const;

/** A book without orders. */
export const emptyHistory: OrderHistory = { parts: {}, behind: {}, roots: [], shown: { at: 0, roots: [] } };

/** Adds what a service told; `level` is the place of that service in the chain, 0 at the front door. */
export function addStep(history: OrderHistory, step: LabStep, level: number): OrderHistory {
  const key = toKey(level, step.id);
  const before = history.parts[key];
  // The relay works on orders of any age: one that is not remembered any more is not the newest again.
  if (before === undefined && step.by === 'relay') return history;
  // The first step tells a later beginning than the answer, which counts from the request.
  const firstAt = Math.min(before?.firstAt ?? Number.POSITIVE_INFINITY, step.at - step.ms);
  const { id, parent } = step;
  const known: DocumentProgress = before
    ? { ...before, firstAt }
    : { id, level, parent, firstAt, last: step, answered: null, handedOn: null };
  const parts = { ...history.parts, [key]: withStep(known, step) };
  const behind =
    parent === null || before !== undefined
      ? history.behind
      : { ...history.behind, [toKey(level - 1, parent)]: key };
  const roots = parent === null ? withRoot(history.roots, { key, id, level, firstAt }) : history.roots;
  return refreshShown(prune({ ...history, parts, behind, roots }), step.at);
}

/** Puts the newest orders on show, at most once a second. */
export function refreshShown(history: OrderHistory, at: number): OrderHistory {
  const newest = history.roots.slice(0, limits.shown);
  const same =
    newest.length === history.shown.roots.length &&
    newest.every((root, index) => root === history.shown.roots[index]);
  if (same || at - history.shown.at < limits.shownEveryMs) return history;
  return { ...history, shown: { at, roots: newest } };
}

/** The parts of one order, by level; `undefined` where nothing was told yet. */
export function toParts(history: OrderHistory, root: Root, levels: number): (DocumentProgress | undefined)[] {
  const found: (DocumentProgress | undefined)[] = Array.from({ length: levels });
  let key: string | undefined = root.key;
  for (let level = root.level; level < levels && key !== undefined; level += 1) {
    found[level] = history.parts[key];
    key = history.behind[key];
  }
  return found;
}

function withStep(part: DocumentProgress, step: LabStep): DocumentProgress {
  // Two instances tell their steps on two streams: an older word must not undo a newer one.
  const last = step.at >= part.last.at ? step : part.last;
  if (step.step === 'answered') return { ...part, last, answered: part.answered ?? step };
  const newer = part.handedOn === null || step.at >= part.handedOn.at;
  return { ...part, last, handedOn: newer ? step : part.handedOn };
}

/** Orders are told when they end, and shown by when they began. */
function withRoot(before: readonly Root[], root: Root): readonly Root[] {
  const known = before.find(({ key }) => key === root.key);
  if (known !== undefined && known.firstAt <= root.firstAt) return before;
  const roots = before.filter((one) => one !== known);
  const place = roots.findIndex(({ firstAt }) => firstAt <= root.firstAt);
  return roots.toSpliced(place < 0 ? roots.length : place, 0, root);
}

/** Keeps what belongs to an order that is remembered, and as many of the newest parts, whose orders may yet be told. */
function prune(history: OrderHistory): OrderHistory {
  const keys = Object.keys(history.parts);
  if (keys.length <= limits.parts) return history;
  const roots = history.roots.slice(0, limits.remembered);
  const kept = new Set(keys.slice(-limits.parts / 3));
  for (const { key } of roots) {
    for (let at: string | undefined = key; at !== undefined; at = history.behind[at]) kept.add(at);
  }
  const parts = Object.fromEntries(Object.entries(history.parts).filter(([key]) => kept.has(key)));
  const behind = Object.fromEntries(Object.entries(history.behind).filter(([, key]) => kept.has(key)));
  return { ...history, roots, parts, behind };
}

function toKey(level: number, id: string): string {
  return `${level}/${id}`;
}
