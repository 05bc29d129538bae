/** The header `Lab-Fault`: what it may say, and that a mistake is named. */
import { describe, expect, it } from 'vitest';
import { parseLabFault } from '../../../src/faults/lab-fault.ts';

describe('Lab-Fault', () => {
  it.each([
    ['shipment;error=503', { type: 'error', status: 503, phase: 'before' }],
    ['shipment;error=418;phase=after', { type: 'error', status: 418, phase: 'after' }],
    ['shipment;error', { type: 'error', status: 503 }],
    ['shipment;latency=800', { type: 'latency', ms: 800 }],
    ['shipment;latency', { type: 'latency', ms: 800 }],
    ['shipment;hang', { type: 'hang' }],
    ['shipment;reset;phase=before', { type: 'reset', phase: 'before' }],
    ['shipment;crash;phase=after', { type: 'crash', phase: 'after' }],
    ['shipment;unready', { type: 'unready' }],
    ['  shipment ; error = 500 ; phase = after ', { type: 'error', status: 500, phase: 'after' }],
  ])('may say %s', (header, expected) => {
    expect(parseLabFault(header)).toEqual([expect.objectContaining({ service: 'shipment', ...expected })]);
  });

  it('may speak of several services, and twice of one', () => {
    const header = 'payment;latency=100, shipment;error=503,payment;reset;phase=after';
    expect(parseLabFault(header).map(({ service, type }) => [service, type])).toEqual([
      ['payment', 'latency'],
      ['shipment', 'error'],
      ['payment', 'reset'],
    ]);
  });

  it.each([
    ['', '"" is no name of a service'],
    ['Shipment;error=503', '"Shipment" is no name of a service'],
    [`shipment;hang${' '.repeat(990)}`, 'it has 1003 characters, at most 1000 are taken'],
    ['shipment;hang,', '"" is no name of a service'],
    ['shipment', '"shipment" says no fault, such as "shipment;error=503"'],
    ['shipment;eror=503', '"eror=503" is no fault; there are error, latency, hang, reset, crash, unready'],
    ['shipment;error=200', '"error=200" must be a whole number from 400 to 599'],
    ['shipment;error=', '"error=" must be a whole number from 400 to 599'],
    ['shipment;error=5e2', '"error=5e2" must be a whole number from 400 to 599'],
    ['shipment;latency=0', '"latency=0" must be a whole number from 1 to 60000'],
    ['shipment;hang=5', '"hang=5" takes no value, only error and latency do'],
    ['shipment;hang;later', '"later" cannot stand there, only one phase=before or phase=after'],
    ['shipment;hang;phase=during', '"phase=during" cannot stand there, only one phase=before or phase=after'],
    ['shipment;hang;phase=after;x', '"x" cannot stand there, only one phase=before or phase=after'],
    ['shipment;unready;phase=after', '"unready" has no phase=after: a service that is unready keeps nothing'],
    [Array(11).fill('a;hang').join(','), 'it has 11 entries, at most 10 are taken'],
    [
      `shipment;${'x'.repeat(50)}`,
      `"${'x'.repeat(40)}…" is no fault; there are error, latency, hang, reset, crash, unready`,
    ],
  ])('may not say "%s"', (header, why) => {
    expect(() => parseLabFault(header)).toThrow(`The header Lab-Fault cannot be read: ${why}.`);
  });
});
