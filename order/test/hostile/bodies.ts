/** Bad bodies: what is no JSON, no text, no order, or more than anybody needs. */
import { type Class, goodOrder, toClass } from './case.ts';

type Row = Parameters<typeof toClass>[1][number];

const good = Buffer.from(goodOrder.replaceAll('#', 'bad-bytes'));
const refused = (title: string, body: string | Buffer): Row => [title, { body }, 'refused'];

/** The good order with one value replaced, by its JSON Pointer. */
function withValue(pointer: string, json: string): string {
  const values: Record<string, string> = {
    '/id': '"#"',
    '/items': '[]',
    '/payment/id': '"p-#"',
    '/payment/amount': '0',
    '/payment/shipment/id': '"s-#"',
    '/payment/shipment/directions': '"home"',
    [pointer]: json,
  };
  const whole = (path: string, usual: string) => (pointer === path ? json : usual);
  const shipment = whole(
    '/payment/shipment',
    `{"id":${values['/payment/shipment/id']},"directions":${values['/payment/shipment/directions']}}`,
  );
  const payment = whole(
    '/payment',
    `{"id":${values['/payment/id']},"amount":${values['/payment/amount']},"shipment":${shipment}}`,
  );
  return `{"id":${values['/id']},"items":${values['/items']},"payment":${payment}}`;
}

const nested = (depth: number, open: string, shut: string) => `${open.repeat(depth)}0${shut.repeat(depth)}`;

const notJson = [
  ...[
    '',
    ' ',
    '\0',
    'null',
    'true',
    '0',
    '""',
    '[]',
    '[{}]',
    '{}',
    '{',
    '}',
    '[',
    '{]',
    '"',
    "{'id':'#'}",
    'undefined',
  ],
  ...[
    'NaN',
    '{"id":NaN}',
    '{"id":Infinity}',
    '{"id":"#",}',
    '{"id":"#"}}',
    '{"id":"#"} x',
    '{"id" "#"}',
    '{id:"#"}',
  ],
  ...[
    '<order id="#"/>',
    'id=%23&items=',
    '{"id":"#" /* c */}',
    '// c\n{}',
    '{"id":"\\x41"}',
    '{"id":"\\u12"}',
    '{"id":"a\nb"}',
  ],
  ...[
    '{"id":"\t"}',
    '{"id":01}',
    '{"id":+1}',
    '{"id":.5}',
    '{"id":1.}',
    '{"id":0x10}',
    '{"id":1e}',
    '%7B%7D',
    '\\{\\}',
  ],
];

const truncated = Array.from({ length: 20 }, (_, at) => Math.floor(((at + 1) * (good.length - 1)) / 21));

const encodings: [string, Buffer][] = [
  ['UTF-16 little', Buffer.from(good.toString(), 'utf16le')],
  ['UTF-16 with BOM', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(good.toString(), 'utf16le')])],
  ['UTF-16 big', Buffer.from(good.toString(), 'utf16le').swap16()],
  ['UTF-32', Buffer.concat([...good].map((byte) => Buffer.from([byte, 0, 0, 0])))],
  ...[
    ...[
      [0xff],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
      [0xe2, 0x82],
      [0x80],
      [0xf8, 0x88],
    ],
    ...[[0xc1, 0xbf], [0xe0, 0x80, 0xaf], [0xf0, 0x80, 0x80, 0x80], [0xfe], [0xf4, 0x90, 0x80, 0x80], [0xc3]],
  ].map((bytes): [string, Buffer] => [
    `bytes that are no UTF-8: ${Buffer.from(bytes).toString('hex')}`,
    Buffer.from(good.toString('latin1').replace('home', Buffer.from(bytes).toString('latin1')), 'latin1'),
  ]),
];

const pointers = ['/id', '/items', '/payment', '/payment/id', '/payment/amount', '/payment/shipment'];
const places = [...pointers, '/payment/shipment/id', '/payment/shipment/directions'];
const wrongTypes = [
  'null',
  'true',
  '{"$ne":null}',
  '{"$gt":""}',
  '[[]]',
  '-1',
  '""',
  '{"toString":1}',
  '{"$oid":"1"}',
];
/** What is of a good type at its place. */
const isGood = (place: string, json: string) => place === '/items' && json === '[[]]';

const numbers = ['-0.01', '1e309', '-1e309', '"0"', '"1e3"', '1e400', '-1', '[0]', '{"$numberLong":"1"}'];

const badKeys = [
  '_bsontype',
  '$where',
  '$set',
  'a.b',
  '__proto__',
  'constructor',
  'a\\u0000b',
  '',
  '$',
  '.',
  'prototype',
];
const refusedKeys = new Set(['_bsontype', 'a\\u0000b']);

/** Bodies that must not be kept, and strange ones that may. */
export const bodies: Class = toClass('bodies', [
  ...notJson.map((body) => refused(`no order: ${JSON.stringify(body.slice(0, 20))}`, body)),
  ...truncated.map((length) => refused(`an order cut after ${length} bytes`, good.subarray(0, length))),
  ...encodings.map(([title, body]) => refused(title, body)),
  ...places.flatMap((place) =>
    wrongTypes
      .filter((json) => !isGood(place, json))
      .map((json) => refused(`${json} at ${place}`, withValue(place, json))),
  ),
  ...numbers.map((json) => refused(`${json} as an amount`, withValue('/payment/amount', json))),
  ...[200, 1000, 10_000, 30_000].flatMap((depth) => [
    refused(`${depth} arrays in each other`, withValue('/items', nested(depth, '[', ']'))),
    refused(`${depth} objects in each other`, withValue('/items', `[${nested(depth, '{"a":', '}')}]`)),
  ]),
  ...[100_001, 200_000, 1_000_000].map((size) =>
    refused(`a body of ${size} bytes`, withValue('/items', `["${'x'.repeat(size)}"]`)),
  ),
  ...['directions of 1001 characters'].map((title) =>
    refused(title, withValue('/payment/shipment/directions', `"${'x'.repeat(1001)}"`)),
  ),
  ...badKeys.map(
    (key): Row => [
      `a key ${key}`,
      { body: withValue('/items', `[{"${key}":1}]`) },
      refusedKeys.has(key) ? 'refused' : 'harmless',
    ],
  ),
  ...[
    '\\u0000',
    '\\ud800',
    '\\udfff',
    '\\u202e',
    '\\ufeff',
    '\\u0085',
    '\\u2028',
    '\\ud83d\\ude00',
    'e\\u0301',
    '\\u001b[31m',
  ].map((text): Row => [`text ${text}`, { body: withValue('/items', `["${text}"]`) }, 'harmless']),
  ...['9007199254740993', '1e308', '-0', '0.1e-400', '123456789012345678901234567890'].map(
    (json): Row => [`the number ${json}`, { body: withValue('/items', `[${json}]`) }, 'harmless'],
  ),
  ['a byte order mark', { body: `\ufeff${goodOrder}` }, 'harmless'],
  ['one key twice', { body: goodOrder.replace('"items":[]', '"items":[],"items":0') }, 'refused'],
]);
