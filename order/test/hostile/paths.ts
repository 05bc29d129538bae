/** Bad paths, queries and methods: out of the folder, into the prototype, beyond every range. */
import { brief, type Class, goodOrder, toClass } from './case.ts';

type Row = Parameters<typeof toClass>[1][number];
const get = (target: string): Row => [`GET ${brief(target)}`, { method: 'GET', target }, 'harmless'];

const climbs = [
  ...[
    '/../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/',
    '/docs/../package.json',
    '/docs/..%2fpackage.json',
  ],
  ...[
    '/docs/%2e%2e%2fsrc%2fmain.ts',
    '/docs/%252e%252e/x',
    '/docs/..\\..\\x',
    '/docs/%00',
    '/docs/%',
    '/docs/%zz',
    '/docs/%c0%ae',
  ],
  ...[
    '//evil.example/',
    '/\\evil.example',
    '/problems/..%2f',
    '/problems/__proto__',
    '/problems/constructor',
    '/problems/%00',
  ],
  ...[
    '/orders/..',
    '/orders/.',
    '/orders/%2e%2e',
    '/orders/%2F',
    '/orders/a%2Fb',
    '/orders/%00',
    '/orders/%',
    '/orders/%ff',
    '/orders/__proto__',
  ],
  ...[
    '/orders//',
    '/orders/$ne',
    '/orders/[object%20Object]',
    `/orders/${'x'.repeat(65)}`,
    `/orders/${'x'.repeat(9000)}`,
    '/constructor',
    '/__proto__',
  ],
  ...[
    '/.git/config',
    '/.env',
    '/package.json',
    '/src/main.ts',
    '/node_modules/',
    '/server-status',
    '/admin',
    '/%0d%0aX:%201',
    '/a;b=c',
    '/a#b',
  ],
];
const queries = [
  ...[
    'limit=0',
    'limit=-1',
    'limit=1e9',
    'limit=x',
    'limit=',
    'limit=1&limit=2',
    'limit[$gt]=1',
    'limit=99999999999',
    'limit=1.5',
    'limit=NaN',
  ],
  ...[
    'status=x',
    'status=',
    'status[$ne]=x',
    'status=completed&status=x',
    'status=%00',
    'status=$where',
    'status=__proto__',
    `status=${'x'.repeat(5000)}`,
  ],
  ...[
    'after=x',
    'after=',
    'after=%00',
    'after[$gt]=',
    `after=${'x'.repeat(5000)}`,
    'cursor=x',
    '__proto__=1',
    '__proto__[x]=1',
    'constructor=1',
  ],
  ...[
    'a=%',
    'a=%zz',
    '%00',
    '&&&&',
    '=',
    `${'a=1&'.repeat(2000)}`,
    'a[b][c][d][e]=1',
    'limit=%31',
    'LIMIT=1',
    'sort=x',
    'filter={}',
  ],
];
const expands = [
  '',
  'x',
  'payment,payment',
  'payment,shipment,order',
  '__proto__',
  '%00',
  '*',
  '../payment',
  ',',
  `${'payment,'.repeat(500)}`,
  '$where',
];
const counts = ['0', '-1', '1', '2', 'x', '', '1e3', '999999999999', '1&count=2', '[$gt]', '1.5', 'NaN'];
const others = [
  '/breakers',
  '/breakers/x',
  '/breakers/%00',
  '/breakers/__proto__/events',
  '/faults',
  '/faults/x',
  '/metrics?x',
  '/readyz?verbose=x',
  '/openapi.json?x',
  '/version?a[]=1',
];

/** Where no order is, and what nobody asks for. */
export const paths: Class = toClass('paths', [
  ...climbs.map(get),
  ...queries.map((query) => get(`/orders?${query}`)),
  ...expands.map((expand) => get(`/orders/calm-0?expand=${expand}`)),
  ...others.map(get),
  ...counts.map(
    (count): Row => [
      `POST count=${count}`,
      { target: `/create?count=${count}`, body: goodOrder },
      'harmless',
    ],
  ),
  ...['/create/', '/create%20', '/create%00', '/Create', '//create', '/orders/x', '/orders/..', '/'].map(
    (target): Row => [`POST ${target}`, { target, body: goodOrder }, 'harmless'],
  ),
]);

const methods = ['PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'LOCK', 'SEARCH', 'PURGE', 'QUERY'];

/** Methods that a path does not know, and words that are none. */
export const verbs: Class = toClass('methods', [
  ...methods.flatMap((method) =>
    ['/create', '/orders', '/orders/calm-0', '/'].map(
      (target): Row => [`${method} ${target}`, { method, target, body: goodOrder }, 'refused'],
    ),
  ),
  ...['get', 'P OST', 'XYZZY', '', 'POST\t', 'GET\x00', 'PRI', 'POST,GET', 'A'.repeat(5000)].map(
    (method): Row => [
      `the method ${JSON.stringify(method.slice(0, 20))}`,
      { method, body: goodOrder },
      'refused',
    ],
  ),
]);

const breaker = `/breakers/${encodeURIComponent('order→payment')}`;

/** The controls of a service that was started without them. */
export const controls: Class = toClass('controls', [
  ...['PUT', 'POST', 'DELETE', 'PATCH'].flatMap((method) =>
    ['/faults', '/faults/down', '/faults/__proto__'].map(
      (target): Row => [`${method} ${target}`, { method, target, body: '{"type":"error"}' }, 'refused'],
    ),
  ),
  ...[
    '{"force":"open"}',
    '{"force":"disabled"}',
    '{"settings":{"timeoutMs":1}}',
    '{}',
    'null',
    '{"__proto__":{"force":"open"}}',
  ].map((body): Row => [`PATCH a breaker: ${body}`, { method: 'PATCH', target: breaker, body }, 'refused']),
  ...['PUT', 'POST', 'DELETE'].map(
    (method): Row => [`${method} a breaker`, { method, target: breaker, body: '{}' }, 'refused'],
  ),
  ...[
    'crash',
    'down=crash',
    'x=error',
    'reset',
    '*',
    'payment=hang',
    'shipment=error;status=500',
    '\x80',
  ].map(
    (fault): Row => [
      `Lab-Fault: ${fault}`,
      { headers: [`Lab-Fault: ${fault}`], body: goodOrder },
      'harmless',
    ],
  ),
]);
