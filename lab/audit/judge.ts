/**
 * What must be true of a document and its neighbours, as pure functions: each broken promise is one finding.
 *
 * Of what is pending or dead only its links and its money are judged: an unfinished order breaks no promise until it
 * is overdue. Reading a running chain is safe, because a final state never changes and a parent is always kept before
 * its child.
 */
import type { Acknowledged } from './acknowledged.ts';
import type { Kept } from './documents.ts';

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

/** Judges an order against the payment that it names. */
export function judgeOrder(order: Kept, payments: Named): Finding[] {
  const { _id: id, state, child } = order;
  const parts = partsOf(order, payments);
  const named = parts[0] ?? payments.get(child ?? '');
  const findings = [...judgeAnswer('order', order), ...judgeParts(order, parts)];
  if (state !== 'completed' && state !== 'cancelled') return findings;
  if (named === undefined)
    return [...findings, finding('lost', id, `The ${state} order "${id}" has no payment "${child}".`)];
  const own = named.parent === id;
  if (state === 'completed' && !own)
    findings.push(
      finding('disagreement', id, `The payment "${child}" of the completed order "${id}" is not its own.`),
    );
  if (!own) return findings;
  const agrees = state === 'completed' ? ['completed'] : ['refunded', 'rejected'];
  if (!agrees.includes(named.state))
    findings.push(
      finding('disagreement', id, `The order "${id}" is ${state}, its payment "${child}" is ${named.state}.`),
    );
  // Of a refused payment perhaps nothing but its id could be kept.
  if (named.state !== 'rejected' && named.amount !== order.childAmount)
    findings.push(
      finding(
        'disagreement',
        id,
        `The order "${id}" pays ${order.childAmount}, its payment "${child}" is for ${named.amount}.`,
      ),
    );
  return findings;
}

/** Judges a payment: its money, the order that it says it belongs to, and the shipment that it names. */
export function judgePayment(payment: Kept, order: Kept | undefined, shipments: Named): Finding[] {
  const { _id: id, state, child } = payment;
  const parts = partsOf(payment, shipments);
  const shipment = parts[0];
  const named = shipment ?? shipments.get(child ?? '');
  const findings = [
    ...judgeAnswer('payment', payment),
    ...judgeParent('payment', payment, order),
    ...judgeLedger(payment),
    ...judgeParts(payment, parts),
  ];
  if (state === 'completed' && shipment?.state !== 'completed') {
    const where = shipment === undefined ? 'is not there' : `is ${shipment.state}`;
    findings.push(
      finding(
        'charged-not-shipped',
        id,
        `The payment "${id}" is captured, its shipment "${child}" ${where}.`,
      ),
    );
  }
  if ((state === 'refunded' || state === 'rejected') && shipment?.state === 'completed')
    findings.push(finding('disagreement', id, `The payment "${id}" is ${state}, but "${child}" is shipped.`));
  if (state === 'refunded' && named === undefined)
    findings.push(finding('lost', id, `The refunded payment "${id}" has no refusal of "${child}".`));
  return findings;
}

/** Judges a shipment, which only has a payment to belong to. */
export function judgeShipment(shipment: Kept, payment: Kept | undefined): Finding[] {
  return [...judgeAnswer('shipment', shipment), ...judgeParent('shipment', shipment, payment)];
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

const legal: Readonly<Record<string, readonly string[]>> = {
  order: ['accepted', 'dead', 'completed', 'cancelled', 'rejected'],
  payment: ['accepted', 'dead', 'completed', 'refunded', 'rejected'],
  shipment: ['accepted', 'dead', 'completed', 'cancelled', 'rejected'],
};

/** What is final has the answer that everybody gets who asks again; what is not final has none. */
function judgeAnswer(kind: string, { _id: id, state, answered }: Kept): Finding[] {
  const what = `The ${kind} "${id}" is ${state}`;
  if (!legal[kind]?.includes(state)) return [finding('disagreement', id, `${what}: there is no such state.`)];
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
function judgeLedger({ _id: id, state, ledger, amount }: Kept): Finding[] {
  const words = ledger.map(({ t }) => t).join(', ');
  const charges = ledger.filter(({ t }) => t === 'charge').length;
  if (charges > 1 || ledger.length - charges > 1)
    return [finding('doubled', id, `The ledger of the payment "${id}" says: ${words}.`)];
  if (words !== wanted[state])
    return [
      finding('disagreement', id, `The payment "${id}" is ${state}, its ledger says: ${words || 'nothing'}.`),
    ];
  const wrong = ledger.find((movement) => movement.amount !== amount || !(movement.amount >= 0));
  if (wrong === undefined) return [];
  return [
    finding('disagreement', id, `The payment "${id}" is for ${amount}, its ${wrong.t} for ${wrong.amount}.`),
  ];
}

function finding(kind: FindingKind, id: string, what: string): Finding {
  return { kind, id, what };
}
