/**
 * `npm run page-load`: measures the dashboard and its lab under load, with 30 minutes of history from the first second.
 *
 * The history is written to the lab's folder before it starts; then orders arrive, a fault comes and goes, and the page shows
 * 30 minutes. Exit code 1 when a bound is exceeded.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Chain, startChain } from '../e2e/chain.ts';
import { readResidentMb } from '../lab/bench/process-usage.ts';
import { drawTable } from '../lab/measure/draw-table.ts';
import { type Command, parseCommandLine, readArguments } from '../shared/src/core/command-line.ts';
import { wholeNumber } from '../shared/src/core/command-options.ts';
import { announce, complain } from '../shared/src/observability/log.ts';
import { fillHistory } from './page-load/fill-history.ts';
import { type PageFigures, watchPage } from './page-load/watch-page.ts';
import { launchBrowser } from './programs/launch-browser.ts';

/** What must hold. */
const bounds = { heapMb: 60, frameMs: 100, labMb: 200 } as const;

const command = {
  name: 'npm run page-load',
  does: 'Measures memory and frames of the dashboard, and memory of its lab, under load and with 30 minutes of history.',
  options: {
    rate: wholeNumber({ min: 1, max: 200, fallback: 50, about: 'orders a second' }),
    seconds: wholeNumber({ min: 10, max: 600, fallback: 600, about: 'how long' }),
  },
  example: 'npm run page-load -- --seconds 60',
  notes: 'It needs a Chromium and Linux, and exits with 1 when a bound is exceeded.',
} satisfies Command;

const { rate, seconds } = readArguments(command, (args) => parseCommandLine(command, args).values, {
  announce,
  complain,
});
const folder = mkdtempSync(join(tmpdir(), 'holdfast-page-load-'));
const browser = await launchBrowser(['--enable-precise-memory-info']);
let chain: Chain | undefined;
try {
  chain = await startChain((base) => {
    fillHistory(folder, base);
    return { LAB: '1', LAB_DATA_DIR: folder };
  });
  const lab = chain.url('lab');
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  const watched = await watchPage(page, lab);
  await page.getByRole('button', { name: '30 min' }).click();
  await change(`${lab}/api/traffic`, { on: true, ratePerSecond: rate });
  let labMb = 0;
  const endsAt = Date.now() + seconds * 1000;
  for (let round = 0; Date.now() < endsAt; round += 1) {
    // Every half minute the last service fails for ten seconds: transitions, rejections, and the relay's work after it.
    if (round % 15 === 3)
      await change(`${lab}/api/services/shipment/faults/down`, { type: 'error', ttlMs: 10_000 });
    await wait(Math.min(2000, Math.max(0, endsAt - Date.now())));
    labMb = Math.max(labMb, await readResidentMb(chain.pid('lab')));
  }
  process.exitCode = report(await watched.figures(), labMb) ? 0 : 1;
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await browser.close();
  await chain?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function change(url: string, body: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}

/** Prints the table; answers whether every bound holds. */
function report(figures: PageFigures, labMb: number): boolean {
  const rows: readonly (readonly [what: string, value: number, bound: number | null, unit: string])[] = [
    ['page: heap after a collection, at the end', figures.heapMb, bounds.heapMb, 'MB'],
    ['page: heap with garbage, the most', figures.dirtyHeapMb, null, 'MB'],
    ['page: longest task, after the first second', figures.longestTaskMs, bounds.frameMs, 'ms'],
    ['page: processor time of its main thread, per second', figures.busyMsPerSecond, null, 'ms'],
    ['page: longest time between two frames', figures.longestFrameMs, null, 'ms'],
    ['page: frames later than 100 ms', figures.lateFrames, null, ''],
    ['page: frames', figures.frames, null, ''],
    ['page: samples shown', figures.samples, null, ''],
    ['lab: resident memory, the most', labMb, bounds.labMb, 'MB'],
  ];
  announce(`${rate} orders/s for ${seconds} s, 30 minutes shown`);
  announce(
    drawTable(
      ['what', 'value', 'bound', 'holds'],
      rows.map(([what, value, bound, unit]) => [
        what,
        `${Math.round(value * 10) / 10} ${unit}`.trim(),
        bound === null ? '' : `${bound} ${unit}`,
        bound === null ? '' : value <= bound ? 'yes' : 'NO',
      ]),
    ),
  );
  return rows.every(([, value, bound]) => bound === null || value <= bound);
}
