/** Bad ids: of the order, its payment and its shipment. */
import { brief, type Class, toClass } from './case.ts';

const texts = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '/',
    'a/b',
    '../a',
    '..%2fa',
    'a b',
    'a\\tb',
    'a\\nb',
    'a\\u0000b',
    'é',
    '名',
    '\\ud800',
    '%00',
  ],
  ...[
    'a?b',
    'a\\u0023b',
    'a&b',
    "a'b",
    'a\\"b',
    'a;b',
    'a|b',
    '$ne',
    '{}',
    '[object Object]',
    '\\u202ea',
    'a\\\\b',
    `${'x'.repeat(65)}`,
  ],
  ...[
    `${'x'.repeat(10_000)}`,
    'a,b',
    '<script>',
    '*',
    '(a+)+$',
    '%{7*7}',
    '{{7*7}}',
    '\\r\\nX: 1',
    'a\\u0085',
    '@',
    '~',
    '^',
  ],
];

const bodyWith = (order: string, payment: string, shipment: string) =>
  `{"id":"${order}","items":[],"payment":{"id":"${payment}","amount":0,"shipment":{"id":"${shipment}","directions":"home"}}}`;

/** Ids that no document may have. */
export const ids: Class = toClass('ids', [
  ...texts.map((id) => [`order ${brief(id)}`, { body: bodyWith(id, 'p-bad', 's-bad') }, 'refused'] as const),
  ...texts.map((id) => [`payment ${brief(id)}`, { body: bodyWith('bad', id, 's-bad') }, 'refused'] as const),
  ...texts.map((id) => [`shipment ${brief(id)}`, { body: bodyWith('bad', 'p-bad', id) }, 'refused'] as const),
]);
