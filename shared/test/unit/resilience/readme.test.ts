/** The example of the README, run as it stands there. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const readme = readFileSync(new URL('../../../src/resilience/README.md', import.meta.url), 'utf8');
const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];

it('shows the unit test of the example as it is', () => {
  const test = new URL('../../../../examples/breaker-only/test/unit/policy.test.ts', import.meta.url);
  const [, ...withoutHeader] = readFileSync(test, 'utf8').split('\n');
  expect(readme).toContain(withoutHeader.join('\n').trim());
});

it('has about thirty lines', () => {
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(35);
});

it('runs, and shows a breaker that opens', async () => {
  const cwd = fileURLToPath(new URL('../../../', import.meta.url));
  const args = ['--input-type=module-typescript', '--eval', example];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
  expect(stdout).toContain('The connection was refused: nobody listens there.');
  expect(stdout).toMatch(/🔌 shop→stock {2}● CLOSED → ○ OPEN/);
  expect(stdout).toMatch(/Opened \d+ ms ago after 3 of 3 calls failed \(100% > 50%\)\./);
});
