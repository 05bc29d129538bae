/**
 * What must be true of a document and its neighbours, as pure functions: each broken promise is one finding.
 *
 * What is pending or dead is not judged, only its links and its money: an unfinished order breaks no promise. Reading
 * a running chain is safe, because final states never change and a parent is always kept before its child.
 */
import type { Kept } from './documents.ts';

/** A broken promise of durability.md. */
export interface Finding {
  readonly kind: FindingKind;
  readonly id: string;
  /** What is wrong, in a sentence. */
  readonly what: string;
}

/** The promises that can be broken. */
export const findingKinds = ['lost', 'doubled', 'disagreement', 'charged-not-shipped'] as const;

/** Which promise was broken. */
export type FindingKind = (typeof findingKinds)[number];

/** Judges an order against the payment that it names. */
export function judgeOrder(order: Kept, named: Kept | undefined): Finding[] {
  const { _id: id, state, child } = order;
  if (state !== 'completed' && state !== 'cancelled') return [];
  if (named === undefined)
    return [finding('lost', id, `The ${state} order "${id}" has no payment "${child}".`)];
  const own = named.parent === id;
  if (state === 'completed' && !own)
    return [
      finding('disagreement', id, `The payment "${child}" of the completed order "${id}" is not its own.`),
    ];
  const agrees = state === 'completed' ? ['completed'] : ['refunded', 'rejected'];
  if (!own || agrees.includes(named.state)) return [];
  return [
    finding('disagreement', id, `The order "${id}" is ${state}, its payment "${child}" is ${named.state}.`),
  ];
}

/** Judges a payment: its money, the order that it says it belongs to, and the shipment that it names. */
export function judgePayment(payment: Kept, order: Kept | undefined, named: Kept | undefined): Finding[] {
  const { _id: id, state, child } = payment;
  const shipment = named?.parent === id ? named : undefined;
  const findings = [...judgeParent('payment', payment, order), ...judgeLedger(payment)];
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
  return judgeParent('shipment', shipment, payment);
}

/** A child is there for a parent that is kept, and is the one child that this parent names. */
function judgeParent(kind: string, { _id: id, parent }: Kept, kept: Kept | undefined): Finding[] {
  if (parent === null) return []; // sent to this service directly: the chain begins here
  if (kept === undefined)
    return [finding('lost', parent, `"${parent}" is gone, its ${kind} "${id}" is there.`)];
  if (kept.child === id) return [];
  return [finding('doubled', parent, `"${parent}" has the ${kind} "${kept.child}" and also "${id}".`)];
}

const wanted: Readonly<Record<string, string>> = {
  accepted: 'charge',
  dead: 'charge',
  completed: 'charge, capture',
  refunded: 'charge, refund',
  rejected: '',
};

/** One charge, then exactly one capture or refund, all of the same amount. */
function judgeLedger({ _id: id, state, ledger, amount }: Kept): Finding[] {
  const words = ledger.map(({ t }) => t).join(', ');
  const charges = ledger.filter(({ t }) => t === 'charge').length;
  if (charges > 1 || ledger.length - charges > 1)
    return [finding('doubled', id, `The ledger of the payment "${id}" says: ${words}.`)];
  if (words !== wanted[state])
    return [
      finding('disagreement', id, `The payment "${id}" is ${state}, its ledger says: ${words || 'nothing'}.`),
    ];
  const other = ledger.find((movement) => movement.amount !== amount);
  if (other === undefined) return [];
  return [
    finding('disagreement', id, `The payment "${id}" is for ${amount}, its ${other.t} for ${other.amount}.`),
  ];
}

function finding(kind: FindingKind, id: string, what: string): Finding {
  return { kind, id, what };
}
