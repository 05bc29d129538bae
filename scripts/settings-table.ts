/**
 * Writes the README's tables of settings from the tables that are really read: those of the services
 * (shared/src/app/hop-settings.ts, payment's and shipment's config.ts; what only tests use in one of their own), of the lab (lab/server/settings.ts) and of `npm start`
 * (scripts/start/plan.ts).
 *
 *     npx --no-install node scripts/settings-table.ts
 *
 * A unit test notices when the README is behind; this script brings it up to date. Nobody edits the tables by hand.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { chain } from '../chain.ts';
import { labSettings } from '../lab/server/settings.ts';
import { paymentSettings } from '../payment/src/config.ts';
import { hopSettings } from '../shared/src/app/hop-settings.ts';
import type { SettingsTable } from '../shared/src/core/config.ts';
import { announce } from '../shared/src/observability/log.ts';
import { shipmentSettings } from '../shipment/src/config.ts';
import { startSettings } from './start/plan.ts';

/** Where the tables stand. */
export const readmePath = new URL('../README.md', import.meta.url);

const { PORT_BASE, DATA_DIR, MONGO_URL, LAB } = startSettings;
const ofServices: readonly SettingsTable[] = chain.map(({ name, port }) => hopSettings(name, port));
const tables: Record<string, readonly SettingsTable[]> = {
  services: ofServices.map((table) => pick(table, ({ needs }) => needs === undefined)),
  tests: ofServices.map((table) => pick(table, ({ needs }) => needs !== undefined)),
  payment: [paymentSettings],
  shipment: [shipmentSettings],
  lab: [labSettings],
  start: [{ PORT_BASE, DATA_DIR, MONGO_URL, LAB }],
};

/**
 * Answers a text with its tables of settings brought up to date.
 * @throws {Error} when the text has no place for one of them.
 */
export function withSettingsTables(readme: string): string {
  return Object.entries(tables).reduce((text, [name, alike]) => {
    const begin = `<!-- settings of ${name}: written by scripts/settings-table.ts -->`;
    const end = `<!-- end of settings of ${name} -->`;
    const [before, rest] = text.split(begin);
    const after = rest?.split(end)[1];
    if (before === undefined || after === undefined) throw new Error(`There is no "${begin}" … "${end}".`);
    return `${before}${begin}\n\n${toTable(alike)}\n${end}${after}`;
  }, readme);
}

function pick(table: SettingsTable, is: (setting: SettingsTable[string]) => boolean): SettingsTable {
  return Object.fromEntries(Object.entries(table).filter(([, setting]) => is(setting)));
}

/** One row for each setting; tables that differ in a default show each of them. */
function toTable([first = {}, ...others]: readonly SettingsTable[]): string {
  const rows = Object.entries(first).map(([name, { about, fallback, range }]) => {
    const defaults = new Set([fallback, ...others.map((other) => other[name]?.fallback)]);
    return `| \`${name}\` | ${[...defaults].join(', ')} | ${about} | ${range} |\n`;
  });
  return `| setting | default | meaning | legal values |\n| --- | --- | --- | --- |\n${rows.join('')}`;
}

if (import.meta.main) {
  writeFileSync(readmePath, withSettingsTables(readFileSync(readmePath, 'utf8')));
  announce('README.md has the settings of today.');
}
