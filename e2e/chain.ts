/**
 * A whole chain as a user runs it: `scripts/start.ts` with its database and services, on free ports and a folder of
 * its own. Its parts are found by what `npm start` logs about them, and killed by their process ids.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@holdfast/shared/core/until.ts';
import { forEachService, portOf, type ServiceName } from '../chain.ts';
import type { Child } from '../lab/processes/child.ts';
import { findPortBase } from './free-ports.ts';
import { type Env, isAlive, runNode } from './run-process.ts';

/** A process of a chain. */
export type PartName = ServiceName | 'payment-2' | 'lab' | 'database';

/** A line of the log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A chain that runs. */
export interface Chain {
  readonly start: Child;
  readonly portBase: number;
  readonly dataDir: string;
  readonly mongoUrl: string;
  /** Where a service listens. */
  url(part: PartName): string;
  /** The process that a part runs in now. */
  pid(part: PartName): number;
  /** Every process that the chain ever had. */
  pids(): number[];
  /** The lines that all processes logged so far. */
  log(): LogLine[];
  /** Sends a signal to a part. */
  signal(part: PartName, signal: NodeJS.Signals): void;
  /** Kills a part with SIGKILL; resolves when a new process of it is ready. */
  killAndAwait(part: PartName): Promise<void>;
  /** Stops everything and removes the folder. */
  stop(): Promise<void>;
}

const offsets: Readonly<Record<PartName, number>> = {
  ...forEachService((service) => portOf(service, 0)),
  lab: 10,
  database: 17,
  'payment-2': 20,
};

/** Settings for a chain: a free PORT_BASE and a new folder. It has a lab only where `LAB=1` is given. */
export async function createPlace(): Promise<{ portBase: number; dataDir: string; env: Env }> {
  const portBase = await findPortBase();
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
  return { portBase, dataDir, env: { PORT_BASE: `${portBase}`, DATA_DIR: dataDir, LAB: '0' } };
}

/** Starts a chain and waits until it is ready; `env` may depend on its ports, `args` stand behind `npm start --`. */
export async function startChain(
  env: Env | ((portBase: number) => Env) = {},
  args: readonly string[] = [],
): Promise<Chain> {
  const place = await createPlace();
  const { portBase } = place;
  const given = typeof env === 'function' ? env(portBase) : env;
  const chain = followChain(runNode('scripts/start.ts', { ...place.env, ...given }, args), place);
  await chain.start.says('ready ', { withinMs: 30_000 }).catch(async (error: unknown) => {
    await chain.stop();
    throw error;
  });
  return chain;
}

/** Follows a chain that was started in a place. */
export function followChain(
  start: Child,
  { portBase, dataDir }: { portBase: number; dataDir: string },
): Chain {
  const log = () =>
    start.stderr.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
  const started = (part?: PartName) =>
    log().filter((line) => line.event === 'started' && (part === undefined || line.part === part));
  const pids = () => started().map((line) => line.pid as number);
  const url = (part: PartName) => `http://127.0.0.1:${portBase + offsets[part]}`;
  const pid = (part: PartName) => started(part).at(-1)?.pid as number;

  return {
    start,
    portBase,
    dataDir,
    mongoUrl: `mongodb://127.0.0.1:${portBase + offsets.database}`,
    url,
    pid,
    pids,
    log,
    signal: (part, signal) => void process.kill(pid(part), signal),
    async killAndAwait(part) {
      const before = pid(part);
      process.kill(before, 'SIGKILL');
      await until(`${part} is ready again`, () =>
        log().some(
          (line) =>
            line.event === 'ready' && line.part === part && line.pid !== before && line.pid === pid(part),
        ),
      );
    },
    async stop() {
      if (isAlive(start.pid)) start.signal('SIGTERM');
      await until('the chain has ended', () => !isAlive(start.pid), { withinMs: 15_000 }).catch(() =>
        start.signal('SIGKILL'),
      );
      await start.ended;
      for (const left of pids().filter(isAlive)) process.kill(left, 'SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
