/**
 * Follows a page of instructions word for word in a copy of the repository: its files, its changes, its commands and
 * what they say.
 *
 * The copy shares the installed packages, so that nothing is fetched: npm only has to accept what the page changes. Ports
 * are the copy's own, and its breakers probe sooner than a reader's would.
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
import { expect, onTestFinished } from 'vitest';
import { environmentWith } from '../shared/src/core/config.ts';
import { until } from '../shared/src/core/until.ts';
import { type Chain, createPlace, followChain } from './chain.ts';
import { type Block, readPage, type Step, says, withChange } from './page.ts';
import { type Env, isAlive, runProcess } from './run-process.ts';

/** A page that is being followed. */
export interface FollowedPage {
  /** Where the copy is. */
  readonly copy: string;
  /** The commands after `npm start`. */
  readonly steps: readonly Step[];
  readonly chain: Chain;
  /** Runs one command, and holds what it says against the page. */
  follow(step: Step): Promise<void>;
  /** Starts a command that goes on, and waits until it says what the page promises. */
  keepRunning(step: Step): Promise<void>;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** Makes the page's files and changes, then does what its first two commands say: `npm install` and `npm start`. */
export async function followPage(path: string): Promise<FollowedPage> {
  const place = await createPlace();
  const copy = copyRepository();
  // What Node keeps of the copy's modules goes with the copy.
  const env = { ...place.env, NODE_COMPILE_CACHE: join(copy, '.cache') };
  const toCopy = (text: string) =>
    text
      .replaceAll(/127\.0\.0\.1:30(\d\d)/g, (_, offset) => `127.0.0.1:${place.portBase + Number(offset)}`)
      .replaceAll(/listen\(30(\d\d)/g, (_, offset) => `listen(${place.portBase + Number(offset)}`);
  const { blocks, steps } = readPage(readFileSync(join(root, path), 'utf8'));
  for (const block of blocks) apply(copy, { ...block, text: toCopy(block.text) });

  const [install, start, ...others] = steps;
  expect([install?.command, start?.command]).toEqual(['npm install', 'npm start']);
  await run(copy, 'npm install', offline);
  const running = runProcess('npm', ['start'], { ...env, BREAKER_OPEN_MS: '1000' }, { cwd: copy });
  const chain = followChain(running, place);
  onTestFinished(() => chain.stop());
  const ready = await running.says('ready ', { withinMs: 30_000 });
  const promised = toCopy(start?.output ?? '').matchAll(/^ *(\w+) +(http:\S+)$/gm);
  expect([...promised].filter(([, name, url]) => !ready.includes(`${name}=${url}`))).toEqual([]);

  return {
    copy,
    steps: others.map(({ command, output }) => ({ command: toCopy(command), output: toCopy(output) })),
    chain,
    /** What only looks is looked at until it is as promised; what sends something is sent once. */
    async follow({ command, output }) {
      let said = '';
      const isAsPromised = async () => {
        said = await run(copy, command, env);
        return says(said, output);
      };
      const withinMs = / -d |kill /.test(command) ? 0 : 20_000;
      await until(command, isAsPromised, { withinMs, everyMs: 200 }).catch(() =>
        expect(`$ ${command}\n${said}`).toBe(`$ ${command}\n${output}`),
      );
    },
    async keepRunning({ command, output }) {
      const [program = '', ...args] = command.split(' ');
      const kept = runProcess(program, args, env, { cwd: copy });
      onTestFinished(() => (isAlive(kept.pid) ? kept.signal('SIGKILL') : undefined));
      await kept.says(output);
    },
  };
}

/** npm takes what is new into the lockfile and fetches nothing. */
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

/** Makes a file or a change; a new workspace is linked as npm would. */
function apply(copy: string, block: Block): void {
  const path = join(copy, block.path);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, block.language === 'diff' ? withChange(readFileSync(path, 'utf8'), block) : block.text);
  const [, workspace] = /^([\w-]+)\/package\.json$/.exec(block.path) ?? [];
  if (workspace !== undefined && block.language !== 'diff') linkWorkspace(copy, workspace);
}

/** What a command says on its output, as in a shell. */
async function run(cwd: string, command: string, env: Env): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', command], {
    cwd,
    env: environmentWith({ ...env }),
  });
  return stdout;
}
