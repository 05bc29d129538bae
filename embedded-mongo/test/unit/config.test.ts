/** Settings: defaults, ranges, and all faults at once. */
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';

describe('settings', () => {
  it('have defaults for a laptop', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 27017,
      dataDir: './data',
      dataDirSetting: 'MONGO_DATA_DIR',
      exitWithParent: false,
    });
  });
  it('come from the environment', () => {
    const env = { MONGO_HOST: '::1', MONGO_PORT: '0', MONGO_DATA_DIR: '/tmp/x', EXIT_WITH_PARENT: '1' };
    expect(readConfig(env)).toMatchObject({ host: '::1', port: 0, dataDir: '/tmp/x', exitWithParent: true });
  });
  it('report every bad value at once', () => {
    const env = { MONGO_HOST: 'a b', MONGO_PORT: '1e3', MONGO_DATA_DIR: ' ', EXIT_WITH_PARENT: 'true' };
    expect(() => readConfig(env)).toThrow(
      /MONGO_HOST .*; MONGO_PORT .*; MONGO_DATA_DIR .*; EXIT_WITH_PARENT /,
    );
  });
});
