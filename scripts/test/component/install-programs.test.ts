/** What `npm test` installs where nobody need be asked: a Homebrew that only writes down what it is asked for. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runProcess } from '../../../e2e/run-process.ts';

const script = fileURLToPath(new URL('../../install-programs.ts', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-brew-'));
  writeFileSync(join(folder, 'brew'), `#!/bin/sh\necho "$@" >> ${join(folder, 'asked')}\n`);
  chmodSync(join(folder, 'brew'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

async function asked(env: Record<string, string>): Promise<string | undefined> {
  const names = JSON.stringify(['haproxy', 'nginx', 'kubectl']);
  const code = `import { installPrograms } from ${JSON.stringify(script)}; await installPrograms(${names});`;
  const running = runProcess(process.execPath, ['--input-type=module', '-e', code], { PATH: folder, ...env });
  expect([await running.ended, running.stderr]).toEqual([0, []]);
  return existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8') : undefined;
}

it('is what is missing, in one command, and nothing that tests can do without', async () => {
  expect(await asked({ HAPROXY: '/nowhere', NGINX: '/nowhere' })).toBe('install haproxy nginx\n');
  expect(await asked({ HAPROXY: process.execPath, NGINX: '/nowhere' })).toBe(
    'install haproxy nginx\ninstall nginx\n',
  );
});

it('is nothing where nothing is missing', async () => {
  expect(await asked({ HAPROXY: process.execPath, NGINX: process.execPath })).toBeUndefined();
});
