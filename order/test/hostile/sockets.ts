/** Bad connections: half requests, other protocols, noise, and several requests at once. */
import { type Class, goodOrder, toClass, toRequest } from './case.ts';

const whole = toRequest({ body: goodOrder.replaceAll('#', 'bad-half') });
const get = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';

/** Noise that is the same in every run. */
function noise(seed: number, length: number): Buffer {
  let state = seed;
  const next = () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return state >>> 16;
  };
  return Buffer.from(Array.from({ length }, next));
}

const protocols: [string, string | number[]][] = [
  ['a TLS hello', [0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['HTTP/0.9', 'GET /\r\n'],
  ['HTTP/3.0', 'GET / HTTP/3.0\r\nHost: x\r\n\r\n'],
  ['HTTP/1.10', 'GET / HTTP/1.10\r\nHost: x\r\n\r\n'],
  ['a tunnel', 'CONNECT mongo:27017 HTTP/1.1\r\nHost: mongo:27017\r\n\r\n'],
  ['SMTP', 'EHLO x\r\n'],
  ['MongoDB', [0x3a, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xd4, 7, 0, 0]],
  ['SSH', 'SSH-2.0-x\r\n'],
  ['a PROXY line', `PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n${get}`],
  ['an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['zeros', '\0'.repeat(1000)],
  ['a line without an end', 'A'.repeat(70_000)],
];
const chunked = (chunks: string) =>
  Buffer.from(
    `POST /create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunks}`,
  );
const chunks = [
  'x\r\n{}\r\n0\r\n\r\n',
  '-1\r\n{}',
  'ffffffffffffffffff\r\n{}',
  '2\r\n{}x\r\n0\r\n\r\n',
  '2 ;x\r\n{',
  '0x2\r\n{}\r\n0\r\n\r\n',
  '2\n{}\n0\n\n',
  '+2\r\n{}\r\n0\r\n\r\n',
];

/** Bytes that are no whole request, or more than one. */
export const sockets: Class = toClass('sockets', [
  ['nothing at all', Buffer.alloc(0), 'refused'],
  ...Array.from(
    { length: 20 },
    (_, at) =>
      [
        `a request cut in the ${at + 1}th twentieth`,
        whole.subarray(0, Math.floor(((at + 0.5) * whole.length) / 20)),
        'refused',
      ] as const,
  ),
  ...protocols.map(([title, bytes]) => [title, Buffer.from(bytes as string), 'refused'] as const),
  ...Array.from(
    { length: 20 },
    (_, at) => [`noise ${at + 1}`, noise(at + 1, 20 + at * 50), 'refused'] as const,
  ),
  ...chunks.map(
    (text) => [`the chunk ${JSON.stringify(text.slice(0, 30))}`, chunked(text), 'refused'] as const,
  ),
  [
    'a hundred requests at once',
    Buffer.from(`${get.repeat(100)}${get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`),
    'harmless',
  ],
  [
    'a request behind a body that is too short',
    Buffer.concat([whole.subarray(0, -1), Buffer.from(` ${get}`)]),
    'refused',
  ],
  [
    'a second request behind the first',
    Buffer.concat([toRequest({ method: 'GET', target: '/livez' }), whole]),
    'harmless',
  ],
]);
