/**
 * Two payments behind one of three load balancers: order itself, HAProxy beside it, or nginx beside it. The proxies run
 * with the configurations of deploy/ambassador; only addresses are filled in.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@holdfast/shared/core/until.ts';
import { findFreePorts } from '../processes/ports.ts';
import { type ChainHost, createChainHost } from '../proxies/chain-host.ts';
import { demandProxies } from '../proxies/find-program.ts';
import { openHaproxySocket } from '../proxies/haproxy-socket.ts';
import { type RunningProxy, startProxy } from '../proxies/run-proxy.ts';

/** The load balancers; with a backup, the second payment gets calls only while the first is sick. */
export const placeNames = ['chain', 'haproxy', 'nginx', 'haproxy-backup', 'nginx-backup'] as const;

/** The name of a load balancer. */
export type PlaceName = (typeof placeNames)[number];

/** A running chain with two payments. */
export interface TwoPayments {
  /** The front door. */
  readonly url: string;
  /** The payment that falls sick, and the other one. */
  readonly first: string;
  readonly second: string;
  readonly mongoUrl: string;
  stop(): Promise<void>;
}

/** An address on this machine. */
export interface ProxyPorts {
  readonly port: number;
  readonly first: number;
  readonly second: number;
}

const deploy = fileURLToPath(new URL('../../deploy/ambassador/', import.meta.url));

const kinds = {
  chain: ['chain', false],
  haproxy: ['haproxy', false],
  nginx: ['nginx', false],
  'haproxy-backup': ['haproxy', true],
  'nginx-backup': ['nginx', true],
} as const;

/** Settings of order beside an ambassador: only one layer retries, and nginx does so by default. */
const orderSettings = {
  chain: {},
  haproxy: { ATTEMPT_TIMEOUT_MS: '2500' },
  nginx: { ATTEMPT_TIMEOUT_MS: '3500', RETRY_ATTEMPTS: '1' },
} as const;
/** Settings of payment: it answers before the ambassador's time-out of two seconds. */
const paymentSettings = {
  chain: {},
  haproxy: { REQUEST_TIMEOUT_MS: '1800' },
  nginx: { REQUEST_TIMEOUT_MS: '1800' },
};

/** Checks that the programs of some places are there. @throws {Error} with a sentence for each that is missing. */
export function demandPrograms(places: readonly PlaceName[]): void {
  demandProxies(places.map((place) => kinds[place][0]).filter((kind) => kind !== 'chain'));
}

/** Starts a chain with two payments and a load balancer. @throws {Error} when a part is missing or does not start. */
export async function startTwoPayments(name: PlaceName): Promise<TwoPayments> {
  const [kind, backup] = kinds[name];
  const place = await createChainHost();
  let proxy: RunningProxy | undefined;
  const stop = async () => {
    await proxy?.stop();
    await place.stop();
  };
  try {
    const [order = 0, first = 0, second = 0, shipment = 0, port = 0] = await findFreePorts(5);
    const toCreate = (...ports: number[]) => ports.map((one) => `http://127.0.0.1:${one}/create`).join(',');
    const payment = { ...paymentSettings[kind], CHAIN_SVC: toCreate(shipment), NEXT_NAME: 'shipment' };
    await place.start([
      { service: 'shipment', name: 'shipment', port: shipment, env: {} },
      { service: 'payment', name: 'payment', port: first, env: payment },
      { service: 'payment', name: 'payment-backup', port: second, env: payment },
    ]);
    const ports = { port, first, second };
    if (kind === 'haproxy') proxy = await startHaproxy(place, ports, { backup });
    if (kind === 'nginx') proxy = await startNginx(place, ports, { backup });
    const CHAIN_SVC = kind === 'chain' ? toCreate(first, second) : toCreate(port);
    const env = { ...orderSettings[kind], CHAIN_SVC, NEXT_NAME: 'payment' };
    await place.start([{ service: 'order', name: 'order', port: order, env }]);
    const toUrl = (one: number) => `http://127.0.0.1:${one}`;
    return {
      url: toUrl(order),
      first: toUrl(first),
      second: toUrl(second),
      mongoUrl: place.mongoUrl,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The runtime interface of the HAProxy that `startHaproxy` starts in this folder. */
export function haproxySocketIn({ folder }: Pick<ChainHost, 'folder'>): string {
  return join(folder, 'haproxy.sock');
}

/** Starts HAProxy as an ambassador and waits until it has checked both payments. */
export async function startHaproxy(
  place: Pick<ChainHost, 'folder'>,
  { port, first, second }: ProxyPorts,
  { backup }: { backup: boolean },
): Promise<RunningProxy> {
  const proxy = await startProxy({
    proxy: 'haproxy',
    args: ['-db', '-f', join(deploy, 'haproxy.cfg')],
    port,
    env: {
      AMBASSADOR_SOCKET: haproxySocketIn(place),
      AMBASSADOR_PORT: `${port}`,
      PAYMENT: `127.0.0.1:${first}`,
      PAYMENT_BACKUP: `127.0.0.1:${second}`,
      ...(backup ? {} : { AMBASSADOR_SPREAD: '1' }),
    },
  });
  const socket = openHaproxySocket(haproxySocketIn(place));
  const isChecked = async () => (await socket.servers()).every(({ checked }) => checked);
  await until('HAProxy has checked both payments', isChecked);
  return proxy;
}

/** Starts nginx as an ambassador. */
export async function startNginx(
  { folder }: Pick<ChainHost, 'folder'>,
  ports: ProxyPorts,
  { backup }: { backup: boolean },
): Promise<RunningProxy> {
  const config = await writeNginxConfig(folder, ports, { backup });
  const args = ['-e', 'stderr', '-p', folder, '-c', config, '-g', 'daemon off;'];
  return startProxy({ proxy: 'nginx', args, port: ports.port });
}

/**
 * Writes nginx's configuration with addresses of this machine, and answers its path.
 * @throws {Error} when the file in deploy/ does not have what is replaced here.
 */
export async function writeNginxConfig(
  folder: string,
  { port, first, second }: ProxyPorts,
  { backup }: { backup: boolean },
): Promise<string> {
  const changes: [string, string][] = [
    ['server payment:3000', `server 127.0.0.1:${first}`],
    ['server payment-backup:3000', `server 127.0.0.1:${second}`],
    ['listen 127.0.0.1:3080', `listen 127.0.0.1:${port}`],
    [' /tmp/', ` ${folder}/`],
    ...(backup ? [] : ([[' backup;', ';']] as [string, string][])),
  ];
  let text = await readFile(join(deploy, 'nginx.conf'), 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`deploy/ambassador/nginx.conf has no "${from}".`);
    text = text.replaceAll(from, to);
  }
  const path = join(folder, 'nginx.conf');
  await writeFile(path, text);
  return path;
}
