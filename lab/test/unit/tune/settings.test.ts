/** The command line of `npm run tune`: what contradicts itself is refused with a sentence. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readPlan } from '../../../tune/plan.ts';
import { readTuneArguments } from '../../../tune/settings.ts';

const usual = ['--fault', 'slow:3x:10s', '--rate', '80'];
const read = (...args: string[]) => readTuneArguments(args);

it.each([
  [
    [],
    'There is no load: say with --rate how many calls a second come, or give recorded ones with --trace FILE.',
  ],
  [['--fault', 'down:5s'], 'There is no load: say with --rate'],
  [
    ['--rate', '80'],
    'There is no fault: say with --fault what happens to the neighbour, as --fault slow:3x:10s',
  ],
  [['--rate', '0', '--fault', 'down:5s'], '--rate 0 is not legal: it must be a whole number from 1 to 5000.'],
  [['--rate', '80', '--fault', 'broken'], '--fault broken is not legal: it must be slow:3x:10s, '],
  [[...usual, '--service', '20'], '--service 20 has no unit: say 20ms or 20s.'],
  [[...usual, '--service', '80ms:20ms'], '--service 80ms:20ms is not legal'],
  [[...usual, '--deadline', '0s'], '--deadline 0s is not legal'],
  [[...usual, '--trace', 'x.jsonl'], '--rate and --trace contradict each other: the trace says it.'],
  [
    ['--trace', 'x.jsonl', '--instances', '3'],
    '--instances and --trace contradict each other: the trace says it.',
  ],
  [[...usual, '--unit', 's'], '--unit is about a trace: give one with --trace FILE.'],
  [[...usual, '--apply'], "--apply needs --for, as in --for 'order→payment'."],
  [[...usual, '--url', 'http://127.0.0.1:1'], "--url needs --for, as in --for 'order→payment'."],
  [[...usual, '--yes'], '--yes is about --apply, which is not given.'],
  [
    [...usual, '--for', 'order'],
    '--for order is not legal: it must be caller and neighbour, as order→payment.',
  ],
  [[...usual, '--for', 'order->payment', '--current', 'x.json'], '--current and --for contradict each other'],
  [[...usual, '--falt', 'x'], '--falt is not known here; did you mean --fault?'],
])('%j is refused', (args, why) => {
  expect(() => read(...args)).toThrow(why);
});

it.each([
  [
    ['--rate', '600'],
    'No setting can help: 600 calls a second come, and without any fault the neighbour serves at most 178 (10 workers, 55.9 ms a call on average).',
  ],
  [
    ['--rate', '80', '--workers', '1', '--service', '20ms'],
    'neighbour serves at most 50 (1 worker, 20 ms a call on average)',
  ],
  [
    ['--rate', '80', '--seconds', '20'],
    'The last fault ends after 15 s of 20: at least 8 s must follow it, since recovery is five good seconds in a row.',
  ],
  [
    ['--rate', '80', '--fault', 'down:5s@50s', '--seconds', '40'],
    '--fault down begins at 50s, but the run ends after 40 s.',
  ],
  [
    ['--rate', '80', '--fault', 'down:5s#1'],
    '--fault down is of instance #1, but the neighbour has 1; the first is #0.',
  ],
  [
    ['--rate', '80', '--current', 'nowhere.json'],
    '--current nowhere.json cannot be read: there is no such file.',
  ],
  [['--rate', '80', '--current', 'README.md'], '--current README.md cannot be read: it is no JSON: '],
  [['--rate', '80', '--current', 'package.json'], '--current package.json: Invalid policy: '],
  [
    ['--rate', '80', '--for', 'order->payment', '--url', 'http://127.0.0.1:1'],
    'order→payment cannot be asked: nothing answers at http://127.0.0.1:1. Does the chain run (npm start)? --url says where it is elsewhere.',
  ],
  [
    ['--rate', '80', '--for', 'shop→stock'],
    'shop is no service of this chain, so say with --url where it is.',
  ],
  [
    ['--rate', '80', '--for', 'shipment→payment'],
    'shipment is the end of the chain: it calls nobody, so there is nothing to tune.',
  ],
])('%j cannot be run', async (args, why) => {
  await expect(readPlan(read('--fault', 'slow:3x:10s@5s', ...args))).rejects.toThrow(why);
});

it('a run is as long as its last fault needs', async () => {
  const { scenario } = await readPlan(
    read('--rate', '80', '--fault', 'slow:3x:10s', '--fault', 'down:2s@30s'),
  );
  expect(scenario).toMatchObject({ seconds: 62, load: { ratePerSecond: 80 }, seed: 1 });
  expect(scenario.faults).toEqual([
    { type: 'slow', factor: 3, fromMs: 10_000, forMs: 10_000 },
    { type: 'down', fromMs: 30_000, forMs: 2000 },
  ]);
});

it('the deadline that is asked for is that of today', async () => {
  expect((await readPlan(read(...usual, '--deadline', '1.5s'))).today.deadlineMs).toBe(1500);
});

function writeTrace(of: (index: number) => { readonly ms: number; readonly outcome: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'tune-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'calls.jsonl');
  const begins = Date.UTC(2026, 0, 15);
  const lines = Array.from({ length: 1200 }, (_, index) =>
    JSON.stringify({ t: begins + index * 50, ...of(index) }),
  );
  writeFileSync(file, lines.join('\n'));
  return file;
}

it('a trace that ends within its fault gets time to recover in, with its own calls', async () => {
  const file = writeTrace((index) =>
    index < 600 ? { ms: 50, outcome: 'ok' } : { ms: 1500, outcome: 'timeout' },
  );
  const { scenario, notes } = await readPlan(read('--trace', file, '--workers', '7'));
  expect(scenario).toMatchObject({ seconds: 75, faults: [{ type: 'hang' }], neighbour: { workers: 7 } });
  expect(scenario.load).toMatchObject({ atMs: { length: 1500 } });
  expect(notes.at(-1)).toBe('Its calls last for 60 s, so that they come once more in the 15 s after them.');
});

it('a run that is longer than its trace has the calls of the trace again', async () => {
  const file = writeTrace(() => ({ ms: 50, outcome: 'ok' }));
  const { scenario } = await readPlan(read('--trace', file, '--fault', 'down:2s@70s', '--seconds', '90'));
  expect(scenario).toMatchObject({ seconds: 90, load: { atMs: { length: 1800 } } });
});

it('a trace without one call that succeeded is refused', async () => {
  const file = writeTrace(() => ({ ms: 1500, outcome: 'timeout' }));
  await expect(readPlan(read('--trace', file))).rejects.toThrow(`In ${file} not one call succeeded`);
});
