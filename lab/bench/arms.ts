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
 * The arms. `chain-quiet` is the chain without events and metrics (quiet.ts); `watched` the chain with open controls,
 * the lab beside it, a dashboard that listens, and a scrape of each service every second; `original-keep-alive` the
 * original's design with the agent that Node uses by itself since 19; `moleculer-3` writes down no end of an order.
 */
export const armNames = [
  'chain',
  'chain-quiet',
  'watched',
  'original',
  'original-keep-alive',
  'floor',
  'moleculer',
  'moleculer-3',
] as const;
/** The name of an arm. */
export type ArmName = (typeof armNames)[number];

/** A running arm. */
export interface RunningArm {
  /** The create endpoint of its front door. */
  readonly url: string;
  /** Processor time of each of its processes so far in milliseconds, by name; `NaN` where it cannot be read. */
  cpuMs(): Promise<Readonly<Record<string, number>>>;
  /** Ends the processes, front door first. */
  stop(): Promise<void>;
}

/** Starts the processes of an arm on a database; `flagsOf` gives the flags of node for each. */
export async function startArm(
  arm: ArmName,
  mongoUrl: string,
  flagsOf: (hop: string) => readonly string[] = () => [],
): Promise<RunningArm> {
  const running: { name: string; part: RunningProcess }[] = [];
  let next = '';
  for (const hop of chain.toReversed()) {
    const { nodeFlags = [], ...process } = toProcess(arm, hop, mongoUrl, next);
    const part = await startProcess({ ...process, nodeFlags: [...nodeFlags, ...flagsOf(hop.name)] });
    running.unshift({ name: hop.name, part });
    next = part.url.startsWith('http') ? `${part.url}/create` : part.url;
  }
  const watching = arm === 'watched' ? await startWatching(running.map(({ part }) => part)) : undefined;
  if (watching !== undefined) running.push({ name: 'lab', part: watching.lab });
  return {
    url: next,
    async cpuMs() {
      const times = running.map(async ({ name, part }) => [name, await part.cpuMs()] as const);
      return Object.fromEntries(await Promise.all(times));
    },
    async stop() {
      watching?.close();
      for (const { part } of running) await part.stop();
    },
  };
}

function toProcess(
  arm: ArmName,
  { name, folder }: ChainService,
  mongoUrl: string,
  next: string,
): ProcessOptions {
  const given = ['--hop', name, '--mongo', mongoUrl, '--next', next];
  switch (arm) {
    case 'floor':
      return { script: pathOf('floor.ts'), args: given };
    case 'moleculer':
      return { script: pathOf('moleculer.ts'), args: given };
    case 'moleculer-3':
      return { script: pathOf('moleculer.ts'), args: [...given, '--accept-only'] };
    case 'original':
      return { script: pathOf('original.ts'), args: given };
    case 'original-keep-alive':
      return { script: pathOf('original.ts'), args: [...given, '--keep-alive'] };
    default:
      return {
        script: pathOf(`../../${folder}/src/main.ts`),
        args: [],
        nodeFlags: arm === 'chain-quiet' ? ['--import', pathOf('quiet.ts')] : [],
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
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
