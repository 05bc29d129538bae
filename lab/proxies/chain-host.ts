/**
 * The processes of a chain with several instances of its services: each on a port of its own, all on one embedded
 * database in a temporary folder. The caller starts what is between them.
 */
import { join } from 'node:path';
import { forEachService, type ServiceName } from '../../chain.ts';
import { type ChainProcess, createChainProcess } from '../chaos/chain-process.ts';
import { createTemporaryFolder } from '../chaos/temporary-folder.ts';
import { findFreePorts } from '../processes/ports.ts';

/** One instance to start. */
export interface InstanceSettings {
  readonly service: ServiceName;
  /** Names it in `/version`, and its log file. */
  readonly name: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

/** A folder and a running database for a chain. */
export interface ChainHost {
  readonly folder: string;
  readonly mongoUrl: string;
  /** Starts instances side by side. @throws {Error} when one does not start; it names its log. */
  start(instances: readonly InstanceSettings[]): Promise<void>;
  /** The process of an instance that was started. */
  process(name: string): ChainProcess;
  /** Ends every process and removes the folder. */
  stop(): Promise<void>;
}

const folderOf = forEachService(({ folder }) => folder);

/** Creates the folder, whose name begins with `prefix`, and starts the database. */
export async function createChainHost(prefix = 'holdfast-proxies-'): Promise<ChainHost> {
  const temporary = await createTemporaryFolder(prefix);
  const folder = temporary.path;
  const [port = 0] = await findFreePorts(1);
  const mongoUrl = `mongodb://127.0.0.1:${port}`;
  const processes = new Map<string, ChainProcess>();
  const host: ChainHost = {
    folder,
    mongoUrl,
    start: (instances) => startAll(instances.map(toProcess)),
    process(name) {
      const found = processes.get(name);
      if (found === undefined) throw new Error(`There is no instance ${name}.`);
      return found;
    },
    async stop() {
      const [database, ...rest] = processes.values();
      await Promise.all(rest.map((part) => part.leave(500)));
      await database?.kill();
      await temporary.remove();
    },
  };
  const database = create('database', 'embedded-mongo/src/main.ts', {
    MONGO_HOST: '127.0.0.1',
    MONGO_PORT: `${port}`,
    MONGO_DATA_DIR: join(folder, 'data'),
  });
  await startAll([database]);
  return host;

  function toProcess({ service, name, port, env }: InstanceSettings): ChainProcess {
    return create(name, `${folderOf[service]}/src/main.ts`, {
      LAB: '1',
      DRAIN_MS: '0',
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'info',
      MONGO_URL: mongoUrl,
      PORT: `${port}`,
      INSTANCE: name,
      ...env,
    });
  }

  function create(name: string, script: string, env: Readonly<Record<string, string>>): ChainProcess {
    const part = createChainProcess({ name, script, env, logFile: join(folder, `${name}.log`) });
    processes.set(name, part);
    return part;
  }

  async function startAll(some: readonly ChainProcess[]): Promise<void> {
    await Promise.all(some.map((part) => part.start()));
    const dead = some.find(({ state }) => state !== 'running');
    if (dead !== undefined)
      throw new Error(`${dead.name} did not start; ${folder}/${dead.name}.log says why.`);
  }
}
