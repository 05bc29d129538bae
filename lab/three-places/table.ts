/** The table of three-places.md. */
import type { Table } from '../measure/draw-table.ts';
import type { PlaceName } from './places.ts';
import type { ScenarioResult, Sickness } from './scenario.ts';

/** One run of the scenario. */
export interface Row extends ScenarioResult {
  readonly place: PlaceName;
  readonly sickness: Sickness;
}

const titles: Readonly<Record<PlaceName, string>> = {
  chain: "order's own breakers",
  haproxy: 'HAProxy, by turns',
  nginx: 'nginx, by turns',
  'haproxy-backup': 'HAProxy, with a backup',
  'nginx-backup': 'nginx, with a backup',
};

const sickNames: Readonly<Record<Sickness, string>> = {
  red: 'one, red probe',
  green: 'one, green probe',
  both: 'both, for 1.5 s',
};

const head = [
  'place',
  'sick',
  'orders',
  'failed',
  'finished later',
  'wasted calls',
  'left out after',
  'first call back',
  'share back',
  'last late answer',
  'lost',
  'doubled',
];

/** A row in words. */
export function toTitle({ place, sickness }: Pick<Row, 'place' | 'sickness'>): string {
  return `${titles[place]}; sick: ${sickNames[sickness]}`;
}

/** The rows in the sequence in which they came. */
export function toPlacesTable(rows: readonly Row[]): Table {
  return {
    head,
    rows: rows.map((row) => [
      titles[row.place],
      sickNames[row.sickness],
      `${row.orders}`,
      `${row.failed}`,
      `${row.pending}`,
      `${row.wasted}`,
      ...[row.ejectedMs, row.firstBackMs, row.fullyBackMs].map((ms) => {
        // Where both are sick, no share changes.
        return row.sickness === 'both' ? '–' : toSeconds(ms);
      }),
      row.lastLateMs === 0 ? 'none' : toSeconds(row.lastLateMs),
      `${row.audit.lost}`,
      `${row.audit.doubled}`,
    ]),
  };
}

function toSeconds(ms: number | undefined): string {
  return ms === undefined ? 'never' : `${(ms / 1000).toFixed(1)} s`;
}
