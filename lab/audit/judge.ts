/**
 * What must be true of a document and its neighbours, as pure functions: each broken promise is one finding.
 *
 * Of what is pending or dead only its links and its money are judged: an unfinished order breaks no promise until it
 * is overdue. Reading a running chain is safe, because a final state never changes and a parent is always kept before
 * its child.
 */
import type { ChainService } from '../../chain.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { Kept, Link } from './documents.ts';

/** A broken promise of durability.md. */
export interface Finding {
  readonly kind: FindingKind;
  readonly id: string;
  /** What is wrong, in a sentence. */
  readonly what: string;
}

/** The promises that can be broken; `overdue` and `dead` ones are not kept yet, and not by themselves. */
export const findingKinds = [
  'lost',
  'doubled',
  'disagreement',
  'charged-not-shipped',
  'dead',
  'overdue',
] as const;

/** Which promise was broken. */
export type FindingKind = (typeof findingKinds)[number];

/** Finds documents by their keys. */
export type Named = Pick<ReadonlyMap<string, Kept>, 'get'>;

/** The keys under which the part of a document may be kept: its id, or that and the parent's where others have the id. */
export function toKeys({ _id: id, child }: Kept): readonly string[] {
  return child === undefined ? [] : [child, `${child}@${id}`];
}

/** The parts that a document has: one, or none; more than one is a finding. */
function partsOf(parent: Kept, named: Named): readonly Kept[] {
  return toKeys(parent).flatMap((key) => {
    const part = named.get(key);
    return part?.parent === parent._id ? [part] : [];
  });
}

function judgeParts(parent: Kept, parts: readonly Kept[]): Finding[] {
  if (parts.length < 2) return [];
  const which = parts.map(({ _id }) => `"${_id}"`).join(' and ');
  return [finding('doubled', parent._id, `"${parent._id}" has the parts ${which}.`)];
}

/** What stands around a document: its parent, and whatever is kept under the keys of its part. */
export interface Around {
  readonly parent?: Kept | undefined;
  readonly parts?: Named;
}

/** Judges a document: its answer, its money, the one that it says it belongs to, and the part that it names. */
export function judgeDocument(
  { service, before, next }: Link,
  document: Kept,
  { parent, parts = new Map() }: Around,
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
        : judgePromised(service.name, document, next, own[0] ?? parts.get(document.child ?? ''))),
  ];
}

/** Whether a document without a part is done where it is: only where the chain lets it come without one. */
function hasEnded({ optional }: ChainService, { state, child }: Kept): boolean {
  return optional === true && state === 'completed' && child === undefined;
}

/** A document that moves no money ends as its part does; `part` may be another's. */
function judgePromised(
  name: string,
  { _id: id, state, child, childAmount }: Kept,
  next: ChainService,
  part: Kept | undefined,
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
  if (!agrees.includes(part.state))
    findings.push(finding('disagreement', id, `The ${name} "${id}" is ${state}, ${its} ${part.state}.`));
  // Of what was refused perhaps nothing but its id could be kept.
  if (next.ledger === true && part.state !== 'rejected' && part.amount !== childAmount)
    findings.push(
      finding('disagreement', id, `The ${name} "${id}" pays ${childAmount}, ${its} for ${part.amount}.`),
    );
  return findings;
}

/** Money is captured for what was done, and given back for what was refused; `part` is its own one. */
function judgePaid(
  name: string,
  { _id: id, state, child }: Kept,
  next: ChainService,
  part: Kept | undefined,
  parts: Named,
): Finding[] {
  const findings: Finding[] = [];
  if (state === 'completed' && part?.state !== 'completed') {
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

/** What waits: a dead document for an operator, one that is pending for longer than `limitMs` for nobody knows what. */
export function judgeWaiting(
  collection: string,
  { _id: id, state, at, err }: Kept,
  { now, limitMs }: { now: number; limitMs: number },
): Finding[] {
  const why = err === undefined ? 'nothing says why' : err;
  if (state === 'dead') return [finding('dead', id, `"${id}" in ${collection} is put aside: ${why}`)];
  const ageMs = now - at.getTime();
  if (state !== 'accepted' || ageMs <= limitMs) return [];
  const age = (ageMs / 1000).toFixed(1);
  return [finding('overdue', id, `"${id}" in ${collection} has been pending for ${age} s: ${why}`)];
}

/** Judges what somebody was told of an order: a final answer holds for ever, and any answer means that it is kept. */
export function judgeAcknowledged({ id, status }: Acknowledged, order: Kept | undefined): Finding[] {
  if (order === undefined)
    return [finding('lost', id, `The order "${id}" was acknowledged and is not kept.`)];
  const agrees = { completed: ['completed'], cancelled: ['cancelled', 'rejected'], pending: undefined }[
    status
  ];
  if (agrees === undefined || agrees.includes(order.state)) return [];
  return [
    finding('disagreement', id, `The order "${id}" was acknowledged as ${status} and is ${order.state}.`),
  ];
}

/** What a document is called whose part was refused: what was done for it is taken back. */
function refusedState({ ledger }: ChainService): string {
  return ledger === true ? 'refunded' : 'cancelled';
}

/** What is final has the answer that everybody gets who asks again; what is not final has none. */
function judgeAnswer(service: ChainService, { _id: id, state, answered }: Kept): Finding[] {
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

/** A child is there for a parent that is kept, and is the one child that this parent names. */
function judgeParent(kind: string, { _id: id, parent }: Kept, kept: Kept | undefined): Finding[] {
  if (parent === null) return []; // sent to this service directly: the chain begins here
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
function judgeLedger(name: string, { _id: id, state, ledger, amount }: Kept): Finding[] {
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
