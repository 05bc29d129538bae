/**
 * The promises that hold between a document and its neighbours, as pure functions: each broken one is a finding.
 *
 * Pending and dead documents are checked for their links and their ledger only: an unfinished order breaks no promise
 * until it is overdue. Reading a running chain is safe, because a final state never changes and a parent is always
 * stored before its child. A document may be completed while its part is still pending, because a hop answers before it
 * stores that it is completed; only a part at the end of the chain is stored as it ends.
 */
import type { ChainService } from '../../chain.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { AuditedDocument, Link } from './documents.ts';

/** A broken promise of durability.md. */
export interface Finding {
  readonly kind: FindingKind;
  readonly id: string;
  /** One sentence. */
  readonly what: string;
}

/** The kinds of finding; `overdue` and `dead` documents can still be completed. */
export const findingKinds = [
  'lost',
  'doubled',
  'disagreement',
  'charged-not-shipped',
  'dead',
  'overdue',
] as const;

/** One kind of finding. */
export type FindingKind = (typeof findingKinds)[number];

/** Documents by key. */
export type FoundDocuments = Pick<ReadonlyMap<string, AuditedDocument>, 'get'>;

/**
 * The keys under which the part of a document may be stored: its id, or both ids where another part has the same id.
 */
export function toKeys({ _id: id, child }: AuditedDocument): readonly string[] {
  return child === undefined ? [] : [child, `${child}@${id}`];
}

/** The parts that a document has: one, or none; more than one is a finding. */
function partsOf(parent: AuditedDocument, named: FoundDocuments): readonly AuditedDocument[] {
  return toKeys(parent).flatMap((key) => {
    const part = named.get(key);
    return part?.parent === parent._id ? [part] : [];
  });
}

function judgeParts(parent: AuditedDocument, parts: readonly AuditedDocument[]): Finding[] {
  if (parts.length < 2) return [];
  const which = parts.map(({ _id }) => `"${_id}"`).join(' and ');
  return [finding('doubled', parent._id, `"${parent._id}" has the parts ${which}.`)];
}

/** The parent of a document, and the documents under the keys of its part. */
export interface Neighbours {
  readonly parent?: AuditedDocument | undefined;
  readonly parts?: FoundDocuments;
}

/** Whether a document may have been answered as completed and not be stored as that yet. */
function isUnderWay({ state, child }: AuditedDocument): boolean {
  return state === 'accepted' && child !== undefined;
}

/** Checks a document: its answer, its ledger, its parent and its part. */
export function judgeDocument(
  { service, before, next }: Link,
  document: AuditedDocument,
  { parent, parts = new Map() }: Neighbours,
): Finding[] {
  const own = partsOf(document, parts);
  return [
    ...judgeAnswer(service, document),
    ...(before === undefined ? [] : judgeParent(service.name, document, parent)),
    ...(service.ledger === true ? judgeLedger(service.name, document) : []),
    ...judgeParts(document, own),
    ...(next === undefined || hasEnded(next, document)
      ? []
      : service.ledger === true
        ? judgePaid(service.name, document, next, own[0], parts)
        : judgePart(service.name, document, next, own[0] ?? parts.get(document.child ?? ''))),
  ];
}

/** Whether a document without a part is complete: only where the part is optional. */
function hasEnded({ optional }: ChainService, { state, child }: AuditedDocument): boolean {
  return optional === true && state === 'completed' && child === undefined;
}

/** A document without a ledger ends as its part does; `part` may belong to another document. */
function judgePart(
  name: string,
  { _id: id, state, child, childAmount }: AuditedDocument,
  next: ChainService,
  part: AuditedDocument | undefined,
): Finding[] {
  if (state !== 'completed' && state !== 'cancelled') return [];
  if (part === undefined)
    return [finding('lost', id, `The ${state} ${name} "${id}" has no ${next.name} "${child}".`)];
  if (part.parent !== id) {
    const what = `The ${next.name} "${child}" of the completed ${name} "${id}" is not its own.`;
    return state === 'completed' ? [finding('disagreement', id, what)] : [];
  }
  const findings: Finding[] = [];
  const agrees = state === 'completed' ? ['completed'] : [refusedState(next), 'rejected'];
  const its = `its ${next.name} "${child}" is`;
  if (!agrees.includes(part.state) && !(state === 'completed' && isUnderWay(part)))
    findings.push(finding('disagreement', id, `The ${name} "${id}" is ${state}, ${its} ${part.state}.`));
  // Of a refused document, possibly only the id is stored.
  if (next.ledger === true && part.state !== 'rejected' && part.amount !== childAmount)
    findings.push(
      finding('disagreement', id, `The ${name} "${id}" pays ${childAmount}, ${its} for ${part.amount}.`),
    );
  return findings;
}

/**
 * A completed part means that the money is captured, a refused one that it is refunded; `part` is the document's own.
 */
function judgePaid(
  name: string,
  { _id: id, state, child }: AuditedDocument,
  next: ChainService,
  part: AuditedDocument | undefined,
  parts: FoundDocuments,
): Finding[] {
  const findings: Finding[] = [];
  if (state === 'completed' && part?.state !== 'completed' && !(part !== undefined && isUnderWay(part))) {
    const where = part === undefined ? 'is not there' : `is ${part.state}`;
    const what = `The ${name} "${id}" is captured, its ${next.name} "${child}" ${where}.`;
    findings.push(finding('charged-not-shipped', id, what));
  }
  if ((state === 'refunded' || state === 'rejected') && part?.state === 'completed')
    findings.push(finding('disagreement', id, `The ${name} "${id}" is ${state}, but "${child}" is shipped.`));
  if (state === 'refunded' && part === undefined && parts.get(child ?? '') === undefined)
    findings.push(finding('lost', id, `The refunded ${name} "${id}" has no refusal of "${child}".`));
  return findings;
}

/** Reports a dead document, and one that is pending for longer than `limitMs`. */
export function judgeWaiting(
  collection: string,
  { _id: id, state, at, err }: AuditedDocument,
  { now, limitMs }: { now: number; limitMs: number },
): Finding[] {
  const why = err === undefined ? 'nothing says why' : err;
  if (state === 'dead') return [finding('dead', id, `"${id}" in ${collection} is put aside: ${why}`)];
  const ageMs = now - at.getTime();
  if (state !== 'accepted' || ageMs <= limitMs) return [];
  const age = (ageMs / 1000).toFixed(1);
  return [finding('overdue', id, `"${id}" in ${collection} has been pending for ${age} s: ${why}`)];
}

/** Checks an acknowledged order: it is stored, and a final answer still holds, or is about to be stored. */
export function judgeAcknowledged(
  { id, status }: Acknowledged,
  order: AuditedDocument | undefined,
): Finding[] {
  if (order === undefined)
    return [finding('lost', id, `The order "${id}" was acknowledged and is not kept.`)];
  const agrees = {
    completed: ['completed', 'accepted'],
    cancelled: ['cancelled', 'rejected'],
    pending: undefined,
  }[status];
  if (agrees === undefined || agrees.includes(order.state)) return [];
  return [
    finding('disagreement', id, `The order "${id}" was acknowledged as ${status} and is ${order.state}.`),
  ];
}

/** The state of a document whose part was refused. */
function refusedState({ ledger }: ChainService): string {
  return ledger === true ? 'refunded' : 'cancelled';
}

/** A final document has a stored answer; any other has none. */
function judgeAnswer(service: ChainService, { _id: id, state, answered }: AuditedDocument): Finding[] {
  const what = `The ${service.name} "${id}" is ${state}`;
  const legal = ['accepted', 'dead', 'completed', refusedState(service), 'rejected'];
  if (!legal.includes(state)) return [finding('disagreement', id, `${what}: there is no such state.`)];
  if (state === 'accepted' || state === 'dead')
    return answered === null
      ? []
      : [finding('disagreement', id, `${what}, its stored answer is ${answered}.`)];
  if (answered === null) return [finding('lost', id, `${what} without a stored answer.`)];
  const agrees = state === 'completed' ? answered === 200 : answered >= 400 && answered < 500;
  return agrees ? [] : [finding('disagreement', id, `${what}, its stored answer is ${answered}.`)];
}

/** A child has a stored parent, and is the child that this parent names. */
function judgeParent(
  kind: string,
  { _id: id, parent }: AuditedDocument,
  kept: AuditedDocument | undefined,
): Finding[] {
  if (parent === null) return []; // sent to this service directly: it is the first of its chain
  if (kept === undefined)
    return [finding('lost', parent, `"${parent}" is gone, its ${kind} "${id}" is there.`)];
  if (toKeys(kept).includes(id)) return [];
  return [finding('doubled', parent, `"${parent}" has the ${kind} "${kept.child}" and also "${id}".`)];
}

const wanted: Readonly<Record<string, string>> = {
  accepted: 'charge',
  dead: 'charge',
  completed: 'charge, capture',
  refunded: 'charge, refund',
  rejected: '',
};

/** One charge, then exactly one capture or refund, all of the same amount, which is never below zero. */
function judgeLedger(name: string, { _id: id, state, ledger, amount }: AuditedDocument): Finding[] {
  const words = ledger.map(({ t }) => t).join(', ');
  const charges = ledger.filter(({ t }) => t === 'charge').length;
  if (charges > 1 || ledger.length - charges > 1)
    return [finding('doubled', id, `The ledger of the ${name} "${id}" says: ${words}.`)];
  if (words !== wanted[state])
    return [
      finding('disagreement', id, `The ${name} "${id}" is ${state}, its ledger says: ${words || 'nothing'}.`),
    ];
  const wrong = ledger.find((movement) => movement.amount !== amount || !(movement.amount >= 0));
  if (wrong === undefined) return [];
  return [
    finding('disagreement', id, `The ${name} "${id}" is for ${amount}, its ${wrong.t} for ${wrong.amount}.`),
  ];
}

function finding(kind: FindingKind, id: string, what: string): Finding {
  return { kind, id, what };
}
