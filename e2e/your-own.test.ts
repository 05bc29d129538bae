/**
 * docs/your-own.md, word for word, in a copy of the repository: its files, its changes, its commands and what they say.
 *
 * The copy shares the installed packages, so that nothing is fetched: npm only has to accept the new workspace, and the
 * link to it is made here. Ports and the number of the killed process are the copy's own, and its breakers probe sooner
 * than a reader's would.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { environmentWith } from '../shared/src/core/config.ts';
import { until } from '../shared/src/core/until.ts';
import { createPlace, followChain } from './chain.ts';
import { type Block, readPage, type Step, says, withChange } from './page.ts';
import { type Env, runProcess } from './run-process.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

it('leads to a fourth service, that ships, is killed, comes back and is audited', async () => {
  const copy = copyRepository();
  const { blocks, steps } = readPage(readFileSync(join(root, 'docs/your-own.md'), 'utf8'));
  for (const block of blocks) apply(copy, block);
  linkWorkspace(copy, 'invoice');

  const [install, start, ...others] = steps;
  expect([install?.command, start?.command]).toEqual(['npm install', 'npm start']);
  await run(copy, 'npm install', offline);
  expect(readFileSync(join(copy, 'package-lock.json'), 'utf8')).toContain('"node_modules/@holdfast/invoice"');

  const place = await createPlace();
  const toCopy = (text: string) =>
    text.replaceAll(/127\.0\.0\.1:30(\d\d)/g, (_, offset) => `127.0.0.1:${place.portBase + Number(offset)}`);
  const running = runProcess('npm', ['start'], { ...place.env, BREAKER_OPEN_MS: '1000' }, { cwd: copy });
  const chain = followChain(running, place);
  onTestFinished(() => chain.stop());
  const ready = await running.says('ready ', { withinMs: 30_000 });
  const promised = toCopy(start?.output ?? '').matchAll(/^ *(\w+) +(http:\S+)$/gm);
  expect([...promised].filter(([, name, url]) => !ready.includes(`${name}=${url}`))).toEqual([]);

  const invoices = () =>
    chain
      .log()
      .flatMap(({ event, part, pid }) => (event === 'started' && part === 'invoice' ? `${pid}` : []));
  for (const { command, output } of others)
    await follow({
      command: toCopy(command).replace('4711', () => invoices().at(-1) ?? ''),
      output: toCopy(output),
    });
  expect(invoices().length).toBe(2);

  /** What only looks is looked at until it is as promised; what sends something is sent once. */
  async function follow({ command, output }: Step): Promise<void> {
    let said = '';
    const isAsPromised = async () => {
      said = await run(copy, command, place.env);
      return says(said, output);
    };
    const withinMs = / -d |kill /.test(command) ? 0 : 20_000;
    await until(command, isAsPromised, { withinMs, everyMs: 200 }).catch(() =>
      expect(`$ ${command}\n${said}`).toBe(`$ ${command}\n${output}`),
    );
  }
});

/** npm takes the new workspace into the lockfile and fetches nothing. */
const offline = {
  npm_config_offline: 'true',
  npm_config_package_lock_only: 'true',
  npm_config_audit: 'false',
};

/** A copy of what is here, with the installed packages by links, and workspaces that lead into the copy. */
function copyRepository(): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-your-own-')));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  const left = new Set(['node_modules', '.git', 'data', 'coverage', '.stryker-tmp']);
  cpSync(root, copy, { recursive: true, filter: (path) => !left.has(relative(root, path)) });
  const modules = join(root, 'node_modules');
  mkdirSync(join(copy, 'node_modules/@holdfast'), { recursive: true });
  for (const name of readdirSync(modules))
    if (name !== '@holdfast') symlinkSync(join(modules, name), join(copy, 'node_modules', name));
  for (const name of readdirSync(join(modules, '@holdfast'))) linkWorkspace(copy, name);
  return copy;
}

function linkWorkspace(copy: string, name: string): void {
  symlinkSync(join('../..', name), join(copy, 'node_modules/@holdfast', name));
}

function apply(copy: string, block: Block): void {
  const path = join(copy, block.path);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, block.language === 'diff' ? withChange(readFileSync(path, 'utf8'), block) : block.text);
}

/** What a command says on its output, as in a shell. */
async function run(cwd: string, command: string, env: Env): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', command], {
    cwd,
    env: environmentWith({ ...env }),
  });
  return stdout;
}
