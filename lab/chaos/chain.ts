/**
 * A whole chain under test: the embedded database and the services as processes, with a fault proxy in front of each
 * but the first, and a link to the database that can be slow. Leases and open periods are short, so that they end
 * within a test.
 */
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { chain as services } from '../../chain.ts';
import { forEachService, nextOf, type ServiceName, serviceNames } from '../../chain.ts';
import { type Chain as AuditedChain, openChain } from '../audit/documents.ts';
import { findFreePorts } from '../processes/ports.ts';
import { type ChainProcess, createChainProcess } from './chain-process.ts';
import { type FaultProxy, startFaultProxy } from './proxy.ts';
import { type SlowLink, startSlowLink } from './slow-link.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** The processes of a chain. */
export const processNames: readonly ProcessName[] = [...serviceNames, 'database'];

/** A process of a chain. */
export type ProcessName = ServiceName | 'database';

/** A service that another one calls. */
type Behind = Exclude<ServiceName, (typeof services)[0]['name']>;

/** A running chain. */
export interface TestChain {
  /** The front door. */
  readonly url: string;
  readonly mongoUrl: string;
  /** Where the logs are. */
  readonly folder: string;
  readonly processes: Readonly<Record<ProcessName, ChainProcess>>;
  /** In front of every service that another one calls. */
  readonly proxies: Readonly<Record<Behind, FaultProxy>>;
  /** Between the services and their database; the audit goes past it. */
  readonly databaseLink: SlowLink;
  /** Longest time until another relay takes over a document. */
  readonly leaseMs: number;
  /** The collections, read with the plain driver; the database must be there. */
  openCollections(): Promise<{ collections: AuditedChain; close: () => Promise<void> }>;
  /** Ends every process and removes the folder, unless it is to be kept. */
  stop(options?: { keepLogs: boolean }): Promise<void>;
}

/** Differences from the usual chain. */
export interface ChainOptions {
  readonly seed: number;
  /** On top of the settings of every service. */
  readonly env?: Readonly<Record<string, string>>;
  /** Hops call each other without the proxies. */
  readonly isDirect?: boolean;
}

const behind = serviceNames.slice(1) as readonly Behind[];

/** Payment declines amounts above this. */
export const paymentLimit = 1000;

/** A lease lasts two seconds longer than a request may take; see open-hop.ts. */
const requestTimeoutMs = 1000;
const leaseMs = requestTimeoutMs + 2000;

const quick = {
  REQUEST_TIMEOUT_MS: `${requestTimeoutMs}`,
  ATTEMPT_TIMEOUT_MS: '600',
  BREAKER_OPEN_MS: '300',
  BREAKER_OPEN_MAX_MS: '1000',
  BREAKER_WINDOW_MS: '2000',
  DRAIN_MS: '0',
  LOG_FORMAT: 'json',
  LOG_LEVEL: 'info',
};

/** Starts a chain and waits until it takes orders. */
export async function startChain({ seed, env = {}, isDirect = false }: ChainOptions): Promise<TestChain> {
  const temporary = await createTemporaryFolder('holdfast-chaos-');
  const folder = temporary.path;
  const [mongo = 0, ...ports] = await findFreePorts(serviceNames.length + 1);
  const mongoUrl = `mongodb://127.0.0.1:${mongo}/chaos`;
  const portOf = (name: ServiceName) => ports[serviceNames.indexOf(name)] ?? 0;
  const proxies = Object.fromEntries(
    await Promise.all(
      behind.map(async (name, index) => [name, await startFaultProxy(portOf(name), seed + index + 1)]),
    ),
  ) as Record<Behind, FaultProxy>;
  const databaseLink = await startSlowLink(mongo);
  const service = (name: ServiceName, folderOf: string): ChainProcess => {
    const next = nextOf(name) as Behind | undefined;
    return createChainProcess({
      name,
      script: `${folderOf}/src/main.ts`,
      logFile: join(folder, `${name}.log`),
      env: {
        ...quick,
        PAYMENT_LIMIT: `${paymentLimit}`,
        ...env,
        MONGO_URL: `mongodb://127.0.0.1:${databaseLink.port}/chaos`,
        PORT: `${portOf(name)}`,
        INSTANCE: 'chaos',
        ...(next === undefined ? {} : { CHAIN_SVC: `${wayTo(next)}/create`, NEXT_NAME: next }),
      },
    });
  };
  const wayTo = (next: Behind) => (isDirect ? `http://127.0.0.1:${portOf(next)}` : proxies[next].url);
  const processes = {
    ...forEachService(({ name, folder: folderOf }) => service(name, folderOf)),
    database: createChainProcess({
      name: 'database',
      script: 'embedded-mongo/src/main.ts',
      logFile: join(folder, 'database.log'),
      env: { MONGO_HOST: '127.0.0.1', MONGO_PORT: `${mongo}`, MONGO_DATA_DIR: join(folder, 'data') },
    }),
  };

  const chain: TestChain = {
    url: `http://127.0.0.1:${ports[0]}`,
    mongoUrl,
    folder,
    processes,
    proxies,
    databaseLink,
    leaseMs,
    async openCollections() {
      const client = new MongoClient(mongoUrl, { serverSelectionTimeoutMS: 3000 });
      await client.connect();
      return { collections: openChain(client.db()), close: () => client.close() };
    },
    async stop({ keepLogs } = { keepLogs: false }) {
      await Promise.all(Object.values(proxies).map((proxy) => proxy.stop()));
      await Promise.all(serviceNames.map((name) => processes[name].leave(500)));
      await processes.database.kill();
      await databaseLink.stop();
      if (keepLogs) temporary.keep();
      else await temporary.remove();
    },
  };
  await processes.database.start();
  await Promise.all(serviceNames.toReversed().map((name) => processes[name].start()));
  for (const part of Object.values(processes)) {
    if (part.state === 'running') continue;
    await chain.stop({ keepLogs: true });
    throw new Error(`${part.name} did not start; ${folder}/${part.name}.log says why.`);
  }
  return chain;
}
