/**
 * The arms of the benchmark: implementations of the chain that are started the same way.
 *
 * Every arm gets the same database and the same requests; only its code differs.
 */
import { fileURLToPath } from 'node:url';
import { type ChainService, chain } from '../../chain.ts';
import { type RunningHops, startHops } from './hops.ts';
import type { ProcessOptions } from './process.ts';
import { type ServiceSettings, toServiceProcess } from './service-process.ts';
import { startWatching } from './watching.ts';

/**
 * The arms. `chain-quiet` is the chain without events and metrics (quiet.ts); `watched` the chain with open controls,
 * the lab beside it, a dashboard that listens, and a scrape of each service every second; `original-node-16` the original
 * with a new connection for every call, as its own image has it; `moleculer-3` writes down no end of an order.
 */
export const armNames = [
  'chain',
  'chain-quiet',
  'watched',
  'original',
  'original-node-16',
  'floor',
  'moleculer',
  'moleculer-3',
] as const;
/** The name of an arm. */
export type ArmName = (typeof armNames)[number];

/** A running arm. */
export type RunningArm = Pick<RunningHops, 'url' | 'cpuMs' | 'stop'>;

/** Starts the processes of an arm on a database; `flagsOf` gives the flags of node for each. */
export async function startArm(
  arm: ArmName,
  mongoUrl: string,
  flagsOf: (hop: string) => readonly string[] = () => [],
): Promise<RunningArm> {
  const hops = await startHops(
    chain.map((service) => ({
      name: service.name,
      toProcess(next) {
        const { nodeFlags = [], ...rest } = toProcess(arm, service, { mongoUrl, next });
        return { ...rest, nodeFlags: [...nodeFlags, ...flagsOf(service.name)] };
      },
    })),
  );
  return arm === 'watched' ? watch(hops) : hops;
}

/** The chain with its observers; the lab's processor time is part of what it costs. */
async function watch({ url, hops, cpuMs, stop }: RunningHops): Promise<RunningArm> {
  const watching = await startWatching(hops.map(({ process }) => process));
  return {
    url,
    cpuMs: async () => ({ ...(await cpuMs()), lab: await watching.lab.cpuMs() }),
    async stop() {
      watching.close();
      await stop();
      await watching.lab.stop();
    },
  };
}

function toProcess(arm: ArmName, service: ChainService, where: ServiceSettings): ProcessOptions {
  const given = ['--hop', service.name, '--mongo', where.mongoUrl, '--next', where.next];
  switch (arm) {
    case 'chain':
      return toServiceProcess(service, where);
    case 'chain-quiet':
      return toServiceProcess(service, { ...where, nodeFlags: ['--import', pathOf('quiet.ts')] });
    case 'watched':
      return toServiceProcess(service, { ...where, env: { LAB: '1' } });
    case 'floor':
      return { script: pathOf('floor.ts'), args: given };
    case 'original':
      return { script: pathOf('original.ts'), args: given };
    case 'original-node-16':
      return { script: pathOf('original.ts'), args: [...given, '--no-keep-alive'] };
    case 'moleculer':
      return { script: pathOf('moleculer.ts'), args: given };
    case 'moleculer-3':
      return { script: pathOf('moleculer.ts'), args: [...given, '--accept-only'] };
  }
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
