/** `npm run metastable -- --quick` as its user calls it: what it prints, writes, and ends with. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { startChild } from '../../processes/child.ts';

const script = fileURLToPath(new URL('../../metastable/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdfast-metastable-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]) {
  const child = startChild({ command: process.execPath, args: [script, ...args], env: environmentWith({}) });
  const code = await child.ended;
  return { code, out: child.stdout, err: child.stderr };
}

describe('the demonstration in the model', () => {
  it('is shown, and is written as one page and as pictures', async () => {
    const report = join(folder, 'metastable.html');
    const { code, out } = await run('--quick', '--report', report, '--pictures', folder);
    expect(code).toBe(0);
    expect(out.at(-1)).toMatch(/^Shown in the model: .* no good answer in 20 s .* it is back after 8 s\.$/);
    expect(out).toContain(
      'Saves the caller alone: breaker, admission. Does not: fewer attempts, deadline, budget.',
    );
    const page = readFileSync(report, 'utf8');
    expect(page.match(/<figure>/g)).toHaveLength(10);
    expect(page).not.toMatch(/<script|href=|src=/);
    const pictures = readdirSync(folder).filter((name) => name.endsWith('.svg'));
    expect(pictures).toHaveLength(10);
    const documents = fileURLToPath(new URL('../../../docs/metastable/', import.meta.url));
    expect(pictures.sort()).toEqual(readdirSync(documents).sort());
  });

  it('cannot be run with an option that is not legal: 3, and one sentence', async () => {
    const { code, out, err } = await run('--fault', 'slow:fast');
    expect({ code, out }).toEqual({ code: 3, out: [] });
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(/^--fault slow:fast is not legal: it must be slow:3x:10s, /);
  });
});
