/**
 * One proxy as a child process: it runs in the foreground and ends with its parent; its output is part of the error
 * when it does not start.
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

/** A running proxy. */
export interface RunningProxy {
  readonly pid: number;
  /** Ends it at once, requests in progress included. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy and waits until it listens.
 * @throws {Error} when the program is missing or ends at once; its output is in the message.
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
 * Lets a proxy check a configuration without running it; returns its error output, or `undefined`.
 * @throws {Error} when the program is missing.
 */
export function checkProxy(proxy: ProxyName, args: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(findProxy(proxy), args, { encoding: 'utf8' });
  return status === 0 ? undefined : `${stdout}${stderr}`.trim();
}

/** With Linux' setpriv, the proxy ends also when its parent is killed. */
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
