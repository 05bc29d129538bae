/** The picture of `npm run top`, letter by letter. */
import { stripVTControlCharacters } from 'node:util';
import { zeroCounts } from '@holdfast/shared/resilience/breaker-state.ts';
import { describe, expect, it } from 'vitest';
import { afterLoss, afterMessage, type Board, createBoard } from '../../../top/board.ts';
import { drawBoard } from '../../../top/draw-board.ts';
import { widthOf } from '../../../top/line.ts';
import { aBreaker, aFault, anEntry, anOpenBreaker, aSnapshot, aStatus, noon } from '../../support/reports.ts';

const urls = ['http://127.0.0.1:3000', 'http://127.0.0.1:3001', 'http://127.0.0.1:3002'] as const;
const lately = {
  counts: { ...zeroCounts(), success: 4, rejected: 16 },
  relay: 3,
  relayTotal: 0,
  p50Ms: null,
  p99Ms: null,
};

const order = aStatus({ breakers: [anOpenBreaker()], lately: { 'order→payment': lately } });
const payment = aStatus({
  service: 'payment',
  requests: { perSecond: 0, active: 0 },
  relay: { pending: 0, oldestMs: 0 },
  breakers: [aBreaker({ name: 'payment→shipment' })],
});
const shipment = aStatus({ service: 'shipment', relay: null, faults: [aFault()] });

const broken = hear(createBoard(urls), [
  [urls[0], order],
  [urls[1], payment],
  [urls[2], shipment],
]);

const narrow = { columns: 80, rows: 24, color: false };

describe('the picture', () => {
  it('gives each breaker two rows of numbers in a narrow terminal', () => {
    expect(drawBoard(broken, noon, narrow)).toEqual([
      'Holdfast  12:04:31  3 of 3 services answer  q quits',
      '',
      'BREAKER           STATE         NEXT                ERRORS CALLS/S    P50    P99',
      '          RELAY/S     OK FAILED TIMED OUT REJECTED IN FLIGHT      PENDING OPENED',
      'order→payment     ○ OPEN        probe in 6.4 s   60% > 50%      20  41 ms 301 ms',
      '                3      2      1         2       78         1     5 (12 s)     2×',
      '  Opened 3.6 s ago after 3 of 5 calls failed (60% > 50%). Last error: No answer…',
      'payment→shipment  ● CLOSED                         – ≤ 50%       0      –      –',
      '                0      0      0         0        0         0            0     0×',
      '  No calls in the last 10 s; it opens above 50%, from 5 calls on.',
      '',
      'SERVICE           STATE           REQ/S IN WORK      PENDING  DATABASE',
      'order             ready            20.1       3     5 (12 s)  ok 2 ms',
      'payment           ready             0.0       0            0  ok 2 ms',
      'shipment          ready            20.1       3            –  ok 2 ms',
      '                  ⚠ flaky: error 503 60% · 48.0 s left',
      '',
      'EVENTS',
      '12:04:22.508 order    🔌 order→payment  ○ OPEN       rejected 14 in 1 s · probe…',
      '12:04:23.508 order    🔌 order→payment  ○ OPEN       rejected 14 in 1 s · probe…',
    ]);
  });

  it('shows whole sentences at 120 columns', () => {
    expect(drawBoard(broken, noon, { ...narrow, columns: 120 }).slice(4, 7)).toEqual([
      'order→payment     ○ OPEN        probe in 6.4 s   60% > 50%      20  41 ms 301 ms',
      '                3      2      1         2       78         1     5 (12 s)     2×',
      '  Opened 3.6 s ago after 3 of 5 calls failed (60% > 50%). Last error: No answer within 300 ms. Next probe in 6.4 s.',
    ]);
  });

  it('gives each breaker one row of numbers in a wide terminal', () => {
    expect(drawBoard(broken, noon, { ...narrow, columns: 151 }).slice(2, 4)).toEqual([
      'BREAKER           STATE         NEXT                ERRORS CALLS/S    P50    P99 RELAY/S     OK FAILED TIMED OUT REJECTED IN FLIGHT      PENDING OPENED',
      'order→payment     ○ OPEN        probe in 6.4 s   60% > 50%      20  41 ms 301 ms       3      2      1         2       78         1     5 (12 s)     2×',
    ]);
  });

  it('fills the height of the terminal with events, and says the keys only there', () => {
    const events = Array.from({ length: 80 }, (_, number) => anEntry(number));
    const message = { event: 'snapshot', data: aSnapshot(order, events) } as const;
    const board = afterMessage(createBoard([urls[0]]), urls[0], message, noon);
    const high = drawBoard(board, noon, { columns: 200, rows: 60, color: false });
    expect(high).toHaveLength(60);
    expect(high[0]).toMatch(/ q quits$/);
    const printed = drawBoard(board, noon, { columns: Infinity, rows: Infinity, color: false });
    expect(printed.filter((line) => line.includes('rejected 14'))).toHaveLength(8);
    expect(printed[0]).not.toContain('quits');
  });

  it('lets events give way to the tables, and says what a low terminal leaves out', () => {
    const at = (rows: number) => drawBoard(broken, noon, { ...narrow, rows });
    expect(at(19).at(-1)).toContain('12:04:23.508');
    expect(at(18).at(-1)).toBe('                  ⚠ flaky: error 503 60% · 48.0 s left');
    expect(at(10).slice(8)).toEqual([
      '                0      0      0         0        0         0            0     0×',
      '… 7 more lines',
    ]);
  });

  it('is never wider or higher than the terminal', () => {
    for (let columns = 1; columns <= 160; columns += 1) {
      const lines = drawBoard(broken, noon, { columns, rows: columns, color: false });
      expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
      expect(lines.length).toBeLessThanOrEqual(columns);
    }
  });

  it('colours states and warnings, and nothing when colours are off', () => {
    const colored = drawBoard(broken, noon, { ...narrow, color: true });
    expect(colored[4]).toContain('order→payment     \x1b[1;38;5;203m○ OPEN       \x1b[0m probe in 6.4 s');
    expect(colored.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(
      drawBoard(broken, noon, narrow),
    );
  });
});

describe('numbers', () => {
  it.each([
    [{ pending: 0, oldestMs: 0 }, '  0'],
    [{ pending: 390, oldestMs: 98_000 }, '  390 (98 s)'],
    [{ pending: 9_999, oldestMs: 180_000 }, '9999 (3 min)'],
    [{ pending: 12_345, oldestMs: 7_200_000 }, '  12k (2 h)'],
  ])('fit into their column: %j', (relay, text) => {
    const board = hear(createBoard([urls[0]]), [[urls[0], aStatus({ relay, breakers: [aBreaker()] })]]);
    const lines = drawBoard(board, noon, narrow);
    expect(lines[5]).toContain(`${text}     0×`);
    expect(lines[9]).toContain(`${text}  ok 2 ms`);
  });
});

describe('time', () => {
  it('counts down between two words of the service', () => {
    const [, , , , row] = drawBoard(broken, noon + 1_400, narrow);
    expect(row).toContain('probe in 5.0 s');
    expect(drawBoard(broken, noon + 1_400, narrow)[15]).toContain('46.6 s left');
  });

  it('says that a probe is due rather than counting below nothing', () => {
    const late = hear(createBoard([urls[0]]), [
      [urls[0], aStatus({ breakers: [anOpenBreaker({ probeInMs: 200 })] })],
    ]);
    expect(drawBoard(late, noon + 300, narrow)[4]).toContain('probe is due');
  });

  it('does not trust the clock of the service, only its differences', () => {
    const at = noon - 3_600_000;
    const forced = aBreaker({ state: 'forced_open', until: at + 30_000, probeInMs: null });
    const board = hear(createBoard([urls[0]]), [[urls[0], aStatus({ at, breakers: [forced] })]]);
    expect(drawBoard(board, noon, narrow)[4]).toContain('○ FORCED-OPEN for 30.0 s');
  });
});

describe('a service that is away', () => {
  const lost = afterLoss(broken, urls[0], 'ECONNREFUSED');

  it('is reconnecting at first, with its last numbers', () => {
    const lines = drawBoard(lost, noon + 4_999, narrow);
    expect(lines[4]).toContain('○ OPEN        probe in 1.4 s');
    expect(lines[12]).toContain('order             reconnecting');
  });

  it('has no data after five seconds of silence, and says since when and why', () => {
    const lines = drawBoard(lost, noon + 5_000, { ...narrow, columns: 120 });
    expect(lines[0]).toBe('Holdfast  12:04:36  0 of 3 services answer  q quits');
    expect(lines.slice(4, 7)).toEqual([
      'order→payment     ▨ NO DATA     since 12:04:31           –       –      –      –',
      '                –      –      –         –        –         –            –      –',
      '  Nothing since 12:04:31 (ECONNREFUSED) from http://127.0.0.1:3000.',
    ]);
    expect(lines[12]).toBe(
      'order             ▨ NO DATA     Nothing since 12:04:31 (ECONNREFUSED) from http://127.0.0.1:3000.',
    );
  });

  it('is named by its address before it has ever spoken', () => {
    expect(drawBoard(afterLoss(createBoard([urls[0]]), urls[0], 'answered 404'), noon, narrow)).toEqual([
      'Holdfast  12:04:31  0 of 1 services answer  q quits',
      '',
      'SERVICE           STATE           REQ/S IN WORK      PENDING  DATABASE',
      '127.0.0.1:3000    ▨ NO DATA     Nothing yet (answered 404) from http://127.0.0.…',
    ]);
  });
});

it('lets no service steer the terminal', () => {
  const why = 'Last error: \x1b]0;owned\x07\x1b[2J\r\n\u202edne.';
  const board = hear(createBoard([urls[0]]), [[urls[0], aStatus({ breakers: [aBreaker({ why })] })]]);
  const text = drawBoard(board, noon, narrow).join('');
  expect(text).toContain('Last error:  ]0;owned  [2J   dne.');
  expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
});

function hear(board: Board, said: readonly (readonly [string, ReturnType<typeof aStatus>])[]): Board {
  return said.reduce(
    (known, [url, status], index) =>
      afterMessage(
        known,
        url,
        {
          event: 'snapshot',
          data: aSnapshot(status, index === 0 ? [anEntry(1), anEntry(2)] : []),
        },
        noon,
      ),
    board,
  );
}
