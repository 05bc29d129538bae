/**
 * `npm run three-places`: the same fault in one of two payments, with load balancing in order, in HAProxy, and in
 * nginx. Prints one table; docs/three-places.md interprets one.
 *
 * Exit code 1: an order was lost or doubled. 2: it could not be run. Its processes end with it.
 */
import { availableParallelism, loadavg } from 'node:os';
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { drawTable } from '../measure/draw-table.ts';
import { endOnSignal, openJournal, toFacts } from '../report/journal.ts';
import { demandPrograms, startTwoPayments } from './places.ts';
import { runScenario, sicknesses } from './scenario.ts';
import { readThreePlacesSettings, type ThreePlacesSettings, threePlacesCommand } from './settings.ts';
import { type Row, toPlacesTable, toTitle } from './table.ts';
import { toSicknessChart } from './to-chart.ts';

const settings = readArguments(threePlacesCommand, readThreePlacesSettings, { announce, complain });
const { report, ...asked } = settings;
const journal = openJournal({
  title: 'Three places for a breaker',
  settings: toFacts(asked),
  file: report,
  say: complain,
});
endOnSignal(journal);
try {
  process.exit((await compare(settings)) ? 0 : 1);
} catch (error) {
  const why = `The places could not be compared: ${error instanceof Error ? error.message : error}`;
  complain(why);
  journal.end({ text: why, isGood: false });
  process.exit(2);
}

async function compare(settings: ThreePlacesSettings): Promise<boolean> {
  const { places, ratePerSecond, sickMs } = settings;
  demandPrograms(places); // a run of minutes must not end at a program that is missing
  const beganAt = Date.now();
  const loads: number[] = [];
  const rows: Row[] = [];
  for (const sickness of sicknesses) {
    for (const name of places) {
      complain(`${name}, ${sickness} …`);
      journal.note({ who: name, text: `a scenario begins: ${sickness}`, level: 'info' });
      const place = await startTwoPayments(name);
      try {
        const row = { place: name, sickness, ...(await runScenario(place, sickness, settings)) };
        rows.push(row);
        journal.draw(toSicknessChart(toTitle(row), row, beganAt));
      } finally {
        await place.stop();
      }
      loads.push(loadavg()[0] ?? 0);
    }
  }
  const load = `load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`;
  const table = toPlacesTable(rows);
  announce(
    `${ratePerSecond} orders a second, sick for ${sickMs / 1000} s; ${availableParallelism()} cores, Node ${process.version}, ` +
      `${load}.\n\n${drawTable(table.head, table.rows)}`,
  );
  const broken = rows.filter(({ audit }) => !audit.kept || audit.pending > 0);
  const note = `One run of each; ${load} of the machine.`;
  journal.know({ tables: [{ title: 'The places', note, ...table }] });
  journal.end({
    text:
      broken.length === 0
        ? `No order was lost or doubled in ${rows.length} runs, wherever the choice was made.`
        : `Orders were lost, doubled or not finished: ${broken.map(toTitle).join('; ')}.`,
    isGood: broken.length === 0,
  });
  return broken.length === 0;
}
