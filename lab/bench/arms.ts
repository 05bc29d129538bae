/**
 * The arms of the benchmark: implementations of the chain that are started the same way.
 *
 * Every arm gets the same database and the same requests; only its code differs.
 */
import { fileURLToPath } from 'node:url';
import { type ChainService, chain } from '../../chain.ts';
import { environmentWith } from '../../shared/src/core/config.ts';
import { type ProcessOptions, type RunningProcess, startProcess } from './process.ts';
import { startWatching } from './watching.ts';

/**
 * The arms; `original-keep-alive` is the original's design with the agent that Node uses by itself since 19, `watched`
 * the chain with open controls, the lab beside it, a dashboard that listens, and a scrape of each service every second.
 */
export const armNames = ['chain', 'watched', 'original', 'original-keep-alive', 'floor'] as const;
/** The name of an arm. */
export type ArmName = (typeof armNames)[number];

/** A running arm. */
export interface RunningArm {
  /** The create endpoint of its front door. */
  readonly url: string;
  /** Processor time of its processes so far in milliseconds; `NaN` where it cannot be read. */
  cpuMs(): Promise<number>;
  /** Ends the processes, front door first. */
  stop(): Promise<void>;
}

/** Starts the processes of an arm on a database; `flagsOf` gives the flags of node for each. */
export async function startArm(
  arm: ArmName,
  mongoUrl: string,
  flagsOf: (hop: string) => readonly string[] = () => [],
): Promise<RunningArm> {
  const running: RunningProcess[] = [];
  let next = '';
  for (const hop of chain.toReversed()) {
    const started = await startProcess({
      ...toProcess(arm, hop, mongoUrl, next),
      nodeFlags: flagsOf(hop.name),
    });
    running.unshift(started);
    next = `${started.url}/create`;
  }
  const watching = arm === 'watched' ? await startWatching(running) : undefined;
  if (watching !== undefined) running.push(watching.lab);
  return {
    url: next,
    async cpuMs() {
      const times = await Promise.all(running.map((hop) => hop.cpuMs()));
      return times.reduce((sum, ms) => sum + ms, 0);
    },
    async stop() {
      watching?.close();
      for (const part of running) await part.stop();
    },
  };
}

function toProcess(
  arm: ArmName,
  { name, folder }: ChainService,
  mongoUrl: string,
  next: string,
): ProcessOptions {
  if (arm === 'chain' || arm === 'watched') {
    return {
      script: pathOf(`../../${folder}/src/main.ts`),
      args: [],
      env: environmentWith({
        ID: name,
        PORT: '0',
        HOST: '127.0.0.1',
        MONGO_URL: mongoUrl,
        CHAIN_SVC: next || undefined,
        DRAIN_MS: '0',
        LAB: arm === 'watched' ? '1' : '0',
        LOG_LEVEL: 'warn',
        EXIT_WITH_PARENT: '1',
      }),
    };
  }
  const given = ['--hop', name, '--mongo', mongoUrl, '--next', next];
  if (arm === 'floor') return { script: pathOf('floor.ts'), args: given };
  return {
    script: pathOf('original.ts'),
    args: arm === 'original' ? given : [...given, '--keep-alive'],
  };
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
