/** Bad headers: too large, of no form, twice, smuggling, and claims that only hops may make. */
import { brief, type Class, goodOrder, toClass } from './case.ts';

type Row = Parameters<typeof toClass>[1][number];

const length = Buffer.byteLength(goodOrder);
const harmless = (header: string): Row => [brief(header), { headers: [header], body: goodOrder }, 'harmless'];
const refused = (title: string, headers: readonly string[], onlyHeaders?: readonly string[]): Row => [
  brief(title),
  { headers, body: goodOrder, ...(onlyHeaders ? { onlyHeaders } : {}) },
  'refused',
];

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const traces = [
  ...[
    '',
    '0',
    '00',
    `00-${id}-00f067aa0ba902b7`,
    `00-${id}-00f067aa0ba902b7-01-x`,
    `ff-${id}-00f067aa0ba902b7-01`,
  ],
  ...[
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${id}-${'0'.repeat(16)}-01`,
    `00-${id.toUpperCase()}-00f067aa0ba902b7-01`,
  ],
  ...['x'.repeat(7950), `00-${'g'.repeat(32)}-00f067aa0ba902b7-01`, '\t', '%00', '-'.repeat(55)],
];
const states = [
  'a=b'.repeat(200),
  ','.repeat(500),
  '=',
  'a='.repeat(2000),
  'vendor=\x80',
  'a=1,a=1',
  'x'.repeat(7000),
];
const vias = [
  '1.1 order',
  '1.1 payment',
  '1.1 order, 1.1 payment, 1.1 shipment',
  ','.repeat(1000),
  'x',
  `1.1 ${'a'.repeat(5000)}`,
];
const releases = ['', ' ', 'x'.repeat(33), 'UPPER', 'a/b', '../..', 'x'.repeat(7000), '$ne', 'a b'];
const requestIds = ['', ' ', 'x'.repeat(7000), 'a b', '\x1b[31m', '\x85', '{}', "'; --", 'a,b', '\xff'];
const timeouts = ['', '-1', '0x10', '1e3', 'NaN', 'Infinity', '1.5', 'x', '99999999999999999999', ' ', '1,2'];

const hopSays = [
  ...[
    'Chain-Proof: ',
    'Chain-Proof: x',
    `Chain-Proof: v1=${'a'.repeat(43)}`,
    'Chain-Retrying: 1',
    'Content-Digest: x',
  ],
  ...[
    'Content-Digest: sha-256=:AAAA:',
    'Content-Digest: sha-256=::',
    'Chain-Answer: x',
    'Chain-Key: x',
    `Chain-Proof: ${'x'.repeat(7000)}`,
  ],
];
const parents = ['x', '', '.', '../a', 'order', 'x'.repeat(5000)].filter((value) => value !== '');

const sizes = [
  '-1',
  '0x10',
  '1e2',
  `${length + 1},${length}`,
  'x',
  '',
  `+${length}`,
  `${length}.0`,
  '99999999999999999999',
  ' ',
];
const host = ['Host: order.example', 'Content-Type: application/json', 'Connection: close'];
const codings = [
  'chunked, identity',
  'identity',
  'gzip',
  'gzip, chunked',
  'xchunked',
  'chunked, chunked',
  ' ',
  'chunked\x0b',
  '"chunked"',
];

/** Headers that nobody who means well sends. */
export const headers: Class = toClass('headers', [
  ...traces.map((value) => harmless(`traceparent: ${value}`)),
  ...states.map((value) => harmless(`tracestate: ${value}`)),
  ...vias.map((value) => harmless(`Via: ${value}`)),
  ...releases.map((value) => harmless(`X-Release: ${value}`)),
  ...requestIds.map((value) => harmless(`X-Request-Id: ${value}`)),
  ...timeouts.map((value) => harmless(`Request-Timeout-Ms: ${value}`)),
  ...hopSays.map(harmless),
  ...parents.map((value) => refused(`Chain-Parent: ${value}`, [`Chain-Parent: ${value}`])),
  ...parents.map((value) => refused(`Chain-Part: ${value}`, [`Chain-Part: ${value}`])),
  ...[
    'Origin: null',
    'Origin: http://evil.example',
    'X-Forwarded-For: 127.0.0.1',
    'Forwarded: for=_x',
    'X-HTTP-Method-Override: DELETE',
  ].map(harmless),
  ...[
    'Expect: x',
    'Range: bytes=0-',
    'If-Match: "x"',
    'Upgrade: websocket',
    'Upgrade: h2c',
    'TE: trailers',
    'Cookie: __proto__=1',
  ].map(harmless),
  ...[
    'Accept: */*;q=x',
    'Accept-Encoding: *;q=0',
    'Accept-Language: ../..',
    'Lab-Fault: x',
    'Lab-Fault: down=error',
    '__proto__: x',
    'constructor: x',
  ].map(harmless),
  ...[8_000, 16_384, 20_000, 60_000].map((size) =>
    size < 16_000
      ? harmless(`X-Large: ${'x'.repeat(size)}`)
      : refused(`a header of ${size} bytes`, [`X-Large: ${'x'.repeat(size)}`]),
  ),
  refused(
    '2000 headers',
    Array.from({ length: 2000 }, (_, at) => `X-${at}: 1234567`),
  ),
  ...[
    'X Y: 1',
    ': 1',
    'X',
    'X\x00: 1',
    'X: a\x00b',
    'X: a\rb',
    'X\t: 1',
    ' X: 1',
    '(X): 1',
    'X@: 1',
    'X:: \x01',
  ].map((line) => refused(`the line ${JSON.stringify(line)}`, [line])),
  ...sizes.map((value) => refused(`Content-Length: ${value}`, [], [...host, `Content-Length: ${value}`])),
  refused('two lengths', [], [...host, 'Content-Length: 5', `Content-Length: ${length}`]),
  ...codings.map((value) =>
    refused(`Transfer-Encoding: ${JSON.stringify(value)}`, [], [...host, `Transfer-Encoding: ${value}`]),
  ),
  ...['chunked', 'chunked, identity', 'identity', 'x'].map((value) =>
    refused(`a length and Transfer-Encoding: ${value}`, [`Transfer-Encoding: ${value}`]),
  ),
  refused(
    'no host',
    [],
    ['Content-Type: application/json', `Content-Length: ${length}`, 'Connection: close'],
  ),
  ['two hosts', { headers: ['Host: evil.example'], body: goodOrder }, 'refused'],
  ...[
    ...[
      'text/plain',
      'application/xml',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'x',
      'application/jsonx',
    ],
    ...[
      'application/json; charset=utf-16',
      'application/json; charset=x',
      'text/json',
      '*/*',
      'application/octet-stream',
      'json',
    ],
  ].map((type) =>
    refused(
      `Content-Type: ${type}`,
      [],
      ['Host: x', 'Connection: close', `Content-Type: ${type}`, `Content-Length: ${length}`],
    ),
  ),
  ...['gzip', 'deflate', 'br', 'identity, gzip', 'x', 'gzip, gzip', 'compress', 'zstd'].map((coding) =>
    refused(`Content-Encoding: ${coding}`, [`Content-Encoding: ${coding}`]),
  ),
]);
