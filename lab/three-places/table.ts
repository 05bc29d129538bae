/** The table of three-places.md. */
import { drawTable } from '../bench/draw-table.ts';
import type { PlaceName } from './places.ts';
import type { Probe, ScenarioResult } from './scenario.ts';

/** One run of the scenario. */
export interface Row extends ScenarioResult {
  readonly place: PlaceName;
  readonly probe: Probe;
}

const titles: Readonly<Record<PlaceName, string>> = {
  chain: "order's own breakers",
  haproxy: 'HAProxy, by turns',
  nginx: 'nginx, by turns',
  'haproxy-backup': 'HAProxy, with a backup',
  'nginx-backup': 'nginx, with a backup',
};

const head = [
  'place',
  'probe',
  'orders',
  'failed',
  'finished later',
  'wasted calls',
  'left out after',
  'first call back',
  'share back',
  'lost',
  'doubled',
];

/** Draws the rows in the sequence in which they came. */
export function drawPlaces(rows: readonly Row[]): string {
  return drawTable(
    head,
    rows.map((row) => [
      titles[row.place],
      row.probe,
      `${row.orders}`,
      `${row.failed}`,
      `${row.pending}`,
      `${row.wasted}`,
      toSeconds(row.ejectedMs),
      toSeconds(row.firstBackMs),
      toSeconds(row.fullyBackMs),
      `${row.audit.lost}`,
      `${row.audit.doubled}`,
    ]),
  );
}

function toSeconds(ms: number | undefined): string {
  return ms === undefined ? 'never' : `${(ms / 1000).toFixed(1)} s`;
}
