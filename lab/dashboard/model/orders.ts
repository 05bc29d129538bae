/**
 * The newest orders with their parts, assembled from the steps that the services report.
 *
 * Steps arrive the last hop first, and ids can repeat from hop to hop (an order 1 can have a payment 1), so the key of
 * a part is its level in the chain and its id. Its parent is one level before.
 */
import type { LabStep } from '../../server/wire.ts';

/** The progress of one document, as its service reports it. */
export interface DocumentProgress {
  readonly id: string;
  readonly level: number;
  readonly parent: string | null;
  readonly firstAt: number;
  /** The newest step of any kind. */
  readonly last: LabStep;
  /** The first end of a create request: repeats do not show the work of this hop. */
  readonly answered: LabStep | null;
  /** The newest delivery to the next hop. */
  readonly handedOn: LabStep | null;
}

/** All kept parts, and the documents at the front door that they belong to. */
export interface OrderHistory {
  readonly parts: Readonly<Record<string, DocumentProgress>>;
  /** The key of the next part, by the key of a part. */
  readonly behind: Readonly<Record<string, string>>;
  /** Documents at the front door, the newest first. */
  readonly roots: readonly Root[];
  /** The displayed orders and since when: a table that changes 20 times a second cannot be read. */
  readonly shown: { readonly at: number; readonly roots: readonly Root[] };
}

/** The first document of an order, without a parent. */
export interface Root {
  readonly key: string;
  readonly id: string;
  readonly level: number;
  readonly firstAt: number;
}

/** Limits of kept and displayed orders, and of parts, above which the oldest are dropped. */
export const limits = { remembered: 60, shown: 12, shownEveryMs: 1_000, parts: 450 } as const;

/** A history without orders. */
export const emptyHistory: OrderHistory = { parts: {}, behind: {}, roots: [], shown: { at: 0, roots: [] } };

/** Adds steps that came together, copying once; a level is the place of a service in the chain, 0 at the front door. */
export function addSteps(
  history: OrderHistory,
  steps: readonly LabStep[],
  levelOf: (step: LabStep) => number,
): OrderHistory {
  const parts: Record<string, DocumentProgress> = { ...history.parts };
  const behind: Record<string, string> = { ...history.behind };
  let { roots } = history;
  let at = Number.NEGATIVE_INFINITY;
  for (const step of steps) {
    const level = levelOf(step);
    const key = toKey(level, step.id);
    const before = parts[key];
    // The relay delivers orders of any age: one that was dropped is not added as new.
    if (before === undefined && step.by === 'relay') continue;
    // The first step has a later start than the answer, which counts from the request.
    const firstAt = Math.min(before?.firstAt ?? Number.POSITIVE_INFINITY, step.at - step.ms);
    const { id, parent } = step;
    const known: DocumentProgress = before
      ? { ...before, firstAt }
      : { id, level, parent, firstAt, last: step, answered: null, handedOn: null };
    parts[key] = withStep(known, step);
    if (parent !== null && before === undefined) behind[toKey(level - 1, parent)] = key;
    if (parent === null) roots = withRoot(roots, { key, id, level, firstAt });
    at = Math.max(at, step.at);
  }
  if (at === Number.NEGATIVE_INFINITY) return history;
  return refreshShown(prune({ ...history, parts, behind, roots }), at);
}

/** Displays the newest orders, updated at most once a second. */
export function refreshShown(history: OrderHistory, at: number): OrderHistory {
  const newest = history.roots.slice(0, limits.shown);
  const same =
    newest.length === history.shown.roots.length &&
    newest.every((root, index) => root === history.shown.roots[index]);
  if (same || at - history.shown.at < limits.shownEveryMs) return history;
  return { ...history, shown: { at, roots: newest } };
}

/** The parts of one order, by level; `undefined` where no step was reported yet. */
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
  // The steps of two instances come on two streams: an older step must not replace a newer one.
  const last = step.at >= part.last.at ? step : part.last;
  if (step.step === 'answered') return { ...part, last, answered: part.answered ?? step };
  const newer = part.handedOn === null || step.at >= part.handedOn.at;
  return { ...part, last, handedOn: newer ? step : part.handedOn };
}

/** Orders are reported when they end, and sorted by when they began. */
function withRoot(before: readonly Root[], root: Root): readonly Root[] {
  const known = before.find(({ key }) => key === root.key);
  if (known !== undefined && known.firstAt <= root.firstAt) return before;
  const roots = before.filter((one) => one !== known);
  const place = roots.findIndex(({ firstAt }) => firstAt <= root.firstAt);
  return roots.toSpliced(place < 0 ? roots.length : place, 0, root);
}

/** Keeps the parts of kept orders, and as many of the newest other parts, whose orders can still be reported. */
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
