/** Whatever secret is put into whichever setting, the complaint names the setting and never the value. */
import { readConfig } from '@holdfast/embedded-mongo/config.ts';
import { describe, expect, it } from 'vitest';
import { operatorSettings } from '../../../lab/audit/database.ts';
import { labSettings } from '../../../lab/server/settings.ts';
import { topSettings } from '../../../lab/top/settings.ts';
import { paymentSettings } from '../../../payment/src/config.ts';
import { hopSettings } from '../../../shared/src/app/hop-settings.ts';
import { readSettings, SettingsError, type SettingsTable } from '../../../shared/src/core/config.ts';
import { shipmentSettings } from '../../../shipment/src/config.ts';
import { startSettings } from '../../start/plan.ts';

const secret = 'Tr0ub4dor-and-3';
const values = [
  `mongodb:/me:${secret}@db.example/shop`,
  `mongodb://me:${secret}@db.example /shop`,
  `http://me:${secret}@proxy.example:3128 `,
  `https//me:${secret}@otlp.example`,
  `me:${secret}@db`,
  `${secret} with spaces`,
  `\t${secret}\u0001\n${secret}`,
  `${secret},`.repeat(20),
];
const tables: Record<string, SettingsTable> = {
  hop: hopSettings('till', 3000),
  payment: paymentSettings,
  shipment: shipmentSettings,
  lab: labSettings,
  start: startSettings,
  operator: operatorSettings,
  top: topSettings,
};
const fine = { MONGO_URL: 'mongodb://127.0.0.1' };

describe.each(Object.entries(tables))('a secret in a setting of %s', (_name, table) => {
  it.each(Object.keys(table))('%s', (name) => {
    for (const value of values) {
      const message = complaintOf(() => readSettings(table, { ...fine, [name]: value }));
      expect(message).not.toContain(secret);
      if (message !== '')
        expect(message).toMatch(new RegExp(`^${name} is not legal: .* Its value is not shown\\.$`));
    }
  });

  it.each(
    Object.entries(table)
      .filter(([, { isSecret }]) => isSecret)
      .map(([name]) => name),
  )('%s, however short it is', (name) => {
    expect(complaintOf(() => readSettings(table, { ...fine, [name]: 'a b' }))).not.toContain('a b');
  });
});

it.each(['MONGO_HOST', 'MONGO_PORT', 'MONGO_DATA_DIR', 'EXIT_WITH_PARENT'])(
  'a secret in %s of the embedded database',
  (name) => {
    for (const value of values) {
      const read = () => readConfig({ [name]: value });
      try {
        read();
      } catch (error) {
        expect(String(error)).toContain(name);
        expect(String(error)).not.toContain(secret);
      }
    }
  },
);

function complaintOf(read: () => unknown): string {
  try {
    read();
    return '';
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
}
