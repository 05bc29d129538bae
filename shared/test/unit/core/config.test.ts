import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hopSettings } from '../../../src/app/hop-settings.ts';
import { readSettings, SettingsError } from '../../../src/core/config.ts';

const table = hopSettings('till', 3000);
const good = { MONGO_URL: 'mongodb://127.0.0.1:27017' };

describe('settings', () => {
  it('have their defaults when only the database is named', () => {
    expect(readSettings(table, good)).toMatchObject({
      ID: 'till',
      PORT: 3000,
      HOST: '127.0.0.1',
      CHAIN_SVC: '',
      JUMPS: 6,
      INJECT_ERR: false,
      ATTEMPT_TIMEOUT_MS: 1500,
      BREAKER_THRESHOLD_RATIO: 0.5,
      BREAKER_MIN_CALLS: 5,
      BREAKER_WINDOW_MS: 10_000,
      BREAKER_OPEN_MS: 10_000,
    });
  });

  it('are all complained about at once, each with its range', () => {
    const bad = { PORT: 'http', JUMPS: '0', BREAKER_THRESHOLD_RATIO: '60', CHAIN_SVC: 'payment' };
    expect(() => readSettings(table, bad)).toThrow(
      [
        'PORT=http is not legal: it must be a whole number from 0 to 65535.',
        'MONGO_URL is required: The database; without a name in its path the name is holdfast. It must be a mongodb:// URL.',
        'CHAIN_SVC=payment is not legal: it must be one or more http://, https://, dns+http:// or local+http:// URLs of create endpoints, separated by commas.',
        'JUMPS=0 is not legal: it must be a whole number from 1 to 1000.',
        'BREAKER_THRESHOLD_RATIO=60 is not legal: it must be a number from 0 to 1.',
      ].join('\n'),
    );
  });

  it('are read from a file where one is named, and what cannot be read is complained about', () => {
    const folder = mkdtempSync(join(tmpdir(), 'settings-'));
    const file = join(folder, 'url');
    writeFileSync(file, 'mongodb://u:p@mongo:27017\n');
    expect(readSettings(table, { MONGO_URL_FILE: file }).MONGO_URL).toBe('mongodb://u:p@mongo:27017');
    expect(readSettings(table, { ...good, MONGO_URL_FILE: file }).MONGO_URL).toBe(good.MONGO_URL);
    expect(readSettings(table, { ...good, MONGO_URL_FILE: '' }).MONGO_URL).toBe(good.MONGO_URL);
    rmSync(folder, { recursive: true });
    expect(() => readSettings(table, { MONGO_URL_FILE: file })).toThrow(
      'MONGO_URL_FILE names a file that cannot be read.',
    );
  });

  it('count as absent when they are empty', () => {
    expect(readSettings(table, { ...good, CHAIN_SVC: '', JUMPS: ' ' })).toMatchObject({
      CHAIN_SVC: '',
      JUMPS: 6,
    });
  });

  it.each(['1.5', '1e3', '0x10', 'NaN', '-1'])('refuse %s where a whole number belongs', (JUMPS) => {
    expect(() => readSettings(table, { ...good, JUMPS })).toThrow('a whole number from 1 to 1000');
  });

  it('that are secret are complained about without their value', () => {
    const range = 'keys of 16 to 256 printable characters without space or comma, separated by commas';
    for (const CHAIN_KEY of ['hunter2', 'long-enough-key-1,hunter2', 'hunter2 with spaces in it', ',']) {
      expect(() => readSettings(table, { ...good, CHAIN_KEY })).toThrow(
        new SettingsError(`CHAIN_KEY is not legal: it must be ${range}. Its value is not shown.`),
      );
    }
    expect(readSettings(table, { ...good, CHAIN_KEY: 'long-enough-key-1,long-enough-key-2' }).CHAIN_KEY).toBe(
      'long-enough-key-1,long-enough-key-2',
    );
  });

  it('for tests need LAB=1', () => {
    expect(() => readSettings(table, { ...good, FAILPOINT: 'after-insert:3' })).toThrow(
      new SettingsError('FAILPOINT needs LAB=1.'),
    );
    expect(readSettings(table, { ...good, LAB: '1', FAILPOINT: 'after-insert:3' }).FAILPOINT).toBe(
      'after-insert:3',
    );
    expect(readSettings(table, { ...good, FAILPOINT: '' }).FAILPOINT).toBe('');
  });

  it('cannot be changed later', () => {
    expect(Object.isFrozen(readSettings(table, good))).toBe(true);
  });
});
