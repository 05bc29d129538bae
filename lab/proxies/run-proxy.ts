/**
 * One proxy as a process of ours: it runs in the foreground, ends with us, and what it says is kept for the sentence
 * that explains why it did not start.
 */
import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import { until } from '@holdfast/shared/core/until.ts';
import { startChild } from '../processes/child.ts';
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
  /** Ends it at once, with whatever is on its way. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy and waits until it listens.
 * @throws {Error} when the program is missing or ends at once; its own words are in the message.
 */
export async function startProxy({ proxy, args, env = {}, port }: ProxySettings): Promise<RunningProxy> {
  const [command = '', ...words] = endingWithParent([findProxy(proxy), ...args]);
  // Not SIGKILL: nginx would leave its worker behind.
  const child = startChild({ command, args: words, env: environmentWith(env), lastSignal: 'SIGTERM' });
  const listens = await until(
    `${proxy} listens on port ${port}`,
    async () => !child.isRunning || isOpen(port),
  ).catch(() => false);
  if (!child.isRunning || !listens) {
    await child.leave(3000);
    const lines = [...child.stdout, ...child.stderr];
    throw new Error(`${proxy} did not start: ${lines.slice(-5).join(' ') || 'it said nothing'}`);
  }
  return {
    pid: child.pid,
    stop: () => child.leave(3000),
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
function endingWithParent(command: readonly string[]): readonly string[] {
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
