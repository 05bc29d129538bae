/**
 * `npm run three-places`: the same fault in one of two payments, with load balancing in order, in HAProxy, and in
 * nginx. Prints one table; docs/three-places.md interprets one.
 *
 * Exit code 1: an order was lost or doubled. 2: it could not be run. Its processes end with it.
 */
import { availableParallelism, loadavg } from 'node:os';
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { demandPrograms, startTwoPayments } from './places.ts';
import { runScenario, sicknesses } from './scenario.ts';
import { readThreePlacesSettings, type ThreePlacesSettings, threePlacesCommand } from './settings.ts';
import { drawPlaces, type Row } from './table.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const settings = readArguments(threePlacesCommand, readThreePlacesSettings, { announce, complain });
try {
  process.exit((await compare(settings)) ? 0 : 1);
} catch (error) {
  complain(`The places could not be compared: ${error instanceof Error ? error.message : error}`);
  process.exit(2);
}

async function compare(settings: ThreePlacesSettings): Promise<boolean> {
  const { places, ratePerSecond, sickMs } = settings;
  demandPrograms(places); // a run of minutes must not end at a program that is missing
  const loads: number[] = [];
  const rows: Row[] = [];
  for (const sickness of sicknesses) {
    for (const name of places) {
      complain(`${name}, ${sickness} …`);
      const place = await startTwoPayments(name);
      try {
        rows.push({ place: name, sickness, ...(await runScenario(place, sickness, settings)) });
      } finally {
        await place.stop();
      }
      loads.push(loadavg()[0] ?? 0);
    }
  }
  announce(
    `${ratePerSecond} orders a second, sick for ${sickMs / 1000} s; ${availableParallelism()} cores, Node ${process.version}, ` +
      `load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}.\n\n${drawPlaces(rows)}`,
  );
  return rows.every(({ audit }) => audit.kept && audit.pending === 0);
}
