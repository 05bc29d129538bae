/** What the three services say about themselves at /openapi.json, made of their real resources. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { createPayment } from '../../../payment/src/payment.ts';
import type { Resource } from '../../../shared/src/core/resource.ts';
import { toOpenApi } from '../../../shared/src/openapi/document.ts';
import { createCheck } from '../../../shared/test/support/openapi.ts';
import { createShipment } from '../../../shipment/src/shipment.ts';
import { order } from '../../src/order.ts';

const make = (resource: Resource, controls = true) =>
  JSON.parse(JSON.stringify(toOpenApi({ resource, service: resource.singular, version: '1.2.3', controls })));

describe('the document of every service', () => {
  it.each([
    ['order', order as unknown as Resource],
    ['payment', createPayment({ PAYMENT_LIMIT: 1 }) as unknown as Resource],
    ['shipment', createShipment({ UNDELIVERABLE: '' }) as unknown as Resource],
  ])('%s is valid with and without controls', async (_service, resource) => {
    for (const controls of [true, false]) {
      const made = make(resource, controls);
      expect(await new Validator().validate({ ...made })).toEqual({ valid: true });
      expect(createCheck(made).examples()).toEqual([]);
      expect('BreakerChange' in made.components.schemas).toBe(controls);
    }
  });

  it('describes the content of an order as it is checked', () => {
    expect(make(order as unknown as Resource).components.schemas.Order).toMatchObject({
      type: 'object',
      required: ['id', 'items', 'payment'],
      properties: {
        id: {
          type: 'string',
          allOf: [{ pattern: '^[A-Za-z0-9._:-]{1,64}$' }, { pattern: '^(?!\\.{1,2}$)' }],
        },
        payment: { properties: { amount: { minimum: 0 }, shipment: { required: ['id', 'directions'] } } },
      },
    });
  });
});
