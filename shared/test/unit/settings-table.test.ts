import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readmePath, withSettingsTables } from '../../../scripts/settings-table.ts';

describe('the tables of settings in the README', () => {
  const readme = readFileSync(readmePath, 'utf8');

  it('say what is really read; `npx --no-install node scripts/settings-table.ts` brings them up to date', () => {
    expect(readme).toBe(withSettingsTables(readme));
  });

  it.each(['| `JUMPS` | 6 |', '| `PORT_BASE` | 3000 |'])('would be found stale without %s', (row) => {
    const stale = readme.replace(row, '| `OTHER` | 0 |');
    expect(stale).not.toBe(readme);
    expect(withSettingsTables(stale)).toBe(readme);
  });

  it('need their place in the text', () => {
    expect(() => withSettingsTables('# Nothing here\n')).toThrow('There is no "<!-- settings of services');
  });
});
