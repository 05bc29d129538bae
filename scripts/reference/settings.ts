/**
 * The settings of the reference, from the tables that are really read: those of the services
 * (shared/src/app/hop-settings.ts, payment's and shipment's config.ts), of the lab (lab/server/settings.ts) and of `npm start`
 * (scripts/start/plan.ts).
 */
import { chain } from '../../chain.ts';
import { labSettings } from '../../lab/server/settings.ts';
import { paymentSettings } from '../../payment/src/config.ts';
import { hopSettings } from '../../shared/src/app/hop-settings.ts';
import type { SettingsTable } from '../../shared/src/core/config.ts';
import { shipmentSettings } from '../../shipment/src/config.ts';
import { startSettings } from '../start/plan.ts';
import { toTable } from './table.ts';

const { PORT_BASE, DATA_DIR, MONGO_URL, LAB } = startSettings;
const ofServices: readonly SettingsTable[] = chain.map(({ name, port }) => hopSettings(name, port));

/** One section for each program, and one for what is there for tests and needs another setting. */
export function describeSettings(): string {
  const sections = {
    'Every service': ofServices.map((table) => pick(table, (setting) => !('needs' in setting))),
    'Payment alone': [paymentSettings],
    'Shipment alone': [shipmentSettings],
    'The lab': [labSettings],
    '`npm start`': [{ PORT_BASE, DATA_DIR, MONGO_URL, LAB }],
    'For tests, only with `LAB=1`': ofServices.map((table) => pick(table, (setting) => 'needs' in setting)),
  };
  return Object.entries(sections)
    .filter(([, [table = {}]]) => Object.keys(table).length > 0)
    .map(([title, tables]) => `### ${title}\n\n${toSettingsTable(tables)}\n`)
    .join('');
}

function pick(table: SettingsTable, is: (setting: SettingsTable[string]) => boolean): SettingsTable {
  return Object.fromEntries(Object.entries(table).filter(([, setting]) => is(setting)));
}

/** One row for each setting; tables that differ in a default show each of them. */
function toSettingsTable([first = {}, ...others]: readonly SettingsTable[]): string {
  const rows = Object.entries(first).map(([name, { about, fallback, range }]) => {
    const defaults = new Set([fallback, ...others.map((other) => other[name]?.fallback ?? '')]);
    return [`\`${name}\``, [...defaults].join(', '), about, range];
  });
  return toTable(['setting', 'default', 'meaning', 'legal values'], rows);
}
