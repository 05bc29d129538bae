/**
 * The newest orders with their parts, put together from the steps that the services tell one by one.
 *
 * Steps arrive the last hop first, and ids may repeat from hop to hop (an order 1 can have a payment 1), so a part is
 * known by its level in the chain and its id. Its parent is the document one level before.
 */
import type { LabStep } from '../../server/wire.ts';

/** How far one document has come, as its own service tells it. */
export interface Part {
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
export interface OrderBook {
  readonly parts: Readonly<Record<string, Part>>;
  /** Keys of documents at the front door, the newest first; the part itself may not be known yet. */
  readonly roots: readonly Root[];
  /** The orders on show and since when: a table that changes 20 times a second cannot be read. */
  readonly shown: { readonly at: number; readonly roots: readonly Root[] };
}

/** Where a chain of documents begins. */
export interface Root {
  readonly key: string;
  readonly id: string;
  readonly level: number;
}

/** Orders that are remembered, and that are on show. */
export const limits = { remembered: 80, shown: 12, shownEveryMs: 1_000 } as const;

/** A book without orders. */
export const emptyBook: OrderBook = { parts: {}, roots: [], shown: { at: 0, roots: [] } };

/** Adds what a service told; `level` is the place of that service in the chain, 0 at the front door. */
export function addStep(book: OrderBook, step: LabStep, level: number): OrderBook {
  const key = toKey(level, step.id);
  const before = book.parts[key];
  const known: Part = before ?? {
    id: step.id,
    level,
    parent: step.parent,
    firstAt: step.at - step.ms,
    last: step,
    answered: null,
    handedOn: null,
  };
  const parts = { ...book.parts, [key]: withStep(known, step) };
  const root = toRoot(level, step);
  const isNew = root !== null && !book.roots.some((other) => other.key === root.key);
  return prune({ ...book, parts, roots: isNew ? [root, ...book.roots] : book.roots }, step.at);
}

/** Puts the newest orders on show, at most once a second. */
export function refreshShown(book: OrderBook, at: number): OrderBook {
  const newest = book.roots.slice(0, limits.shown);
  const same =
    newest.length === book.shown.roots.length &&
    newest.every((root, index) => root === book.shown.roots[index]);
  if (same || at - book.shown.at < limits.shownEveryMs) return book;
  return { ...book, shown: { at, roots: newest } };
}

/** The parts of one order, by level; `undefined` where nothing was told yet. */
export function toParts(book: OrderBook, root: Root, levels: number): (Part | undefined)[] {
  const found: (Part | undefined)[] = Array.from({ length: levels });
  found[root.level] = book.parts[root.key];
  let parent = root.id;
  for (let level = root.level + 1; level < levels; level += 1) {
    const child = Object.values(book.parts).find((part) => part.level === level && part.parent === parent);
    if (child === undefined) break;
    found[level] = child;
    parent = child.id;
  }
  return found;
}

function withStep(part: Part, step: LabStep): Part {
  // Two instances tell their steps on two streams: an older word must not undo a newer one.
  const last = step.at >= part.last.at ? step : part.last;
  if (step.step === 'answered') return { ...part, last, answered: part.answered ?? step };
  const newer = part.handedOn === null || step.at >= part.handedOn.at;
  return { ...part, last, handedOn: newer ? step : part.handedOn };
}

/** A document without a parent is a front door; one at the second level names it, even before it was heard of. */
function toRoot(level: number, step: LabStep): Root | null {
  if (step.parent === null) return { key: toKey(level, step.id), id: step.id, level };
  return level === 1 ? { key: toKey(0, step.parent), id: step.parent, level: 0 } : null;
}

function prune(book: OrderBook, at: number): OrderBook {
  if (book.roots.length <= limits.remembered) return refreshShown(book, at);
  const roots = book.roots.slice(0, limits.remembered / 2);
  const kept = roots.flatMap((root) => {
    const parts = toParts(book, root, root.level + 16);
    return parts.flatMap((part) => (part === undefined ? [] : [[toKey(part.level, part.id), part] as const]));
  });
  return refreshShown({ ...book, roots, parts: Object.fromEntries(kept) }, at);
}

function toKey(level: number, id: string): string {
  return `${level}/${id}`;
}
