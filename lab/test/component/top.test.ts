/** `npm run top` as a process, against a real HTTP server. Without a terminal it prints its table once. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runProcess } from '../../../e2e/run-process.ts';
import { anEntry, anOpenBreaker, aSnapshot, aStatus } from '../support/reports.ts';
import { type StreamServer, startStreamServer, toMessage } from '../support/stream-server.ts';

let server: StreamServer;

beforeEach(async () => {
  server = await startStreamServer();
});

afterEach(() => server.stop());

it('prints what the services say, whole lines and without colours, and ends well', async () => {
  const status = aStatus({ breakers: [anOpenBreaker({ probeAt: null, probeInMs: null })] });
  server.greet(toMessage('snapshot', aSnapshot(status, [anEntry(1)])));
  const { code, out, err } = await top(server.url);
  expect(out.slice(1)).toEqual([
    '',
    'BREAKER           STATE         NEXT                ERRORS CALLS/S    P50    P99 RELAY/S     OK FAILED TIMED OUT REJECTED IN FLIGHT      PENDING OPENED',
    'order→payment     ○ OPEN                         60% > 50%       0  41 ms 301 ms       0      2      1         2       78         1     5 (12 s)     2×',
    '  Opened 3.6 s ago after 3 of 5 calls failed (60% > 50%). Last error: No answer within 300 ms. Next probe in 6.4 s.',
    '',
    'SERVICE           STATE           REQ/S IN WORK      PENDING  DATABASE',
    'order             ready            20.1       3     5 (12 s)  ok 2 ms',
    '',
    'EVENTS',
    '12:04:22.508 order    🔌 order→payment  ○ OPEN       rejected 14 in 1 s · probe in 9 s',
  ]);
  expect(out[0]).toMatch(/^Holdfast {2}\d\d:\d\d:\d\d {2}1 of 1 services answer$/);
  expect([code, err]).toEqual([0, []]);
});

it('shows the services that answer beside one that does not', async () => {
  server.greet(toMessage('snapshot', aSnapshot(aStatus())));
  const gone = await startStreamServer();
  await gone.stop();
  const { code, out } = await top(server.url, gone.url);
  const address = gone.url.replace('http://', '');
  expect(out.slice(3)).toEqual([
    'order             ready            20.1       3     5 (12 s)  ok 2 ms',
    `${address.padEnd(17)} ▨ NO DATA     Nothing yet (ECONNREFUSED) from ${gone.url}.`,
  ]);
  expect(code).toBe(0);
});

it('ends badly when no service answers', async () => {
  server.answerWith(404);
  const { code, out } = await top(server.url);
  expect(out.at(-1)).toContain(`▨ NO DATA     Nothing yet (answered 404) from ${server.url}.`);
  expect(code).toBe(1);
});

it('does not wait for ever for a service that says nothing', async () => {
  const { code, out } = await top(server.url);
  expect(out.at(-1)).toContain(`▨ NO DATA     Nothing yet from ${server.url}.`);
  expect(code).toBe(1);
});

it('only ever reads', async () => {
  server.greet(toMessage('snapshot', aSnapshot(aStatus())));
  await top(server.url);
  expect(server.asked).toEqual(['GET /events']);
});

it('says in one sentence what is wrong with how it was called', async () => {
  expect(await top('localhost:3000')).toEqual({
    code: 2,
    out: [],
    err: ['"localhost:3000" is not the http:// URL of a service, such as http://127.0.0.1:3000.'],
  });
});

async function top(...args: string[]) {
  const running = runProcess(process.execPath, ['lab/top/main.ts', ...args]);
  const code = await running.ended;
  return { code, out: running.stdout, err: running.stderr };
}
