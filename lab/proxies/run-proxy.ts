/**
 * One proxy as a process of ours: it runs in the foreground, ends with us, and what it says is kept for the sentence
 * that explains why it did not start.
 */
import { spawn, spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import { until } from '@holdfast/shared/core/until.ts';
import { findInPath, findProxy, type ProxyName } from './find-program.ts';

/** What to run. */
export interface ProxySettings {
  readonly proxy: ProxyName;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A port of this machine that it listens on once it runs. */
  readonly port: number;
}

/** A proxy that runs. */
export interface RunningProxy {
  readonly pid: number;
  /** What it has written, the oldest line first. */
  readonly lines: readonly string[];
  /** Ends it at once, with whatever is on its way. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy and waits until it listens.
 * @throws {Error} when the program is missing or ends at once; its own words are in the message.
 */
export async function startProxy({ proxy, args, env = {}, port }: ProxySettings): Promise<RunningProxy> {
  const [command, ...words] = endingWithUs([findProxy(proxy), ...args]);
  const child = spawn(`${command}`, words, {
    env: environmentWith(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => lines.push(line));
  // Not SIGKILL: nginx would leave its worker behind.
  const endWithUs = () => void child.kill('SIGTERM');
  process.once('exit', endWithUs);
  let isGone = false;
  const gone = new Promise<void>((resolve) => {
    for (const event of ['error', 'exit'] as const) child.once(event, () => resolve());
  }).then(() => {
    isGone = true;
    process.removeListener('exit', endWithUs);
  });

  const listens = await until(`${proxy} listens on port ${port}`, async () => isGone || isOpen(port)).catch(
    () => false,
  );
  if (isGone || !listens) {
    endWithUs();
    throw new Error(`${proxy} did not start: ${lines.slice(-5).join(' ') || 'it said nothing'}`);
  }
  return {
    pid: child.pid ?? 0,
    lines,
    async stop() {
      endWithUs();
      const force = setTimeout(() => child.kill('SIGKILL'), 3000);
      await gone;
      clearTimeout(force);
    },
  };
}

/**
 * Lets a proxy check a configuration without running it; answers `undefined`, or its own words about what is wrong.
 * @throws {Error} when the program is missing.
 */
export function checkProxy(proxy: ProxyName, args: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(findProxy(proxy), args, { encoding: 'utf8' });
  return status === 0 ? undefined : `${stdout}${stderr}`.trim();
}

/** Where Linux' setpriv is, the proxy ends even when we are killed and can end nothing ourselves. */
function endingWithUs(command: readonly string[]): readonly string[] {
  const guard = findInPath(['setpriv'], environmentWith({}));
  return guard === undefined ? command : [guard, '--pdeathsig', 'TERM', ...command];
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
