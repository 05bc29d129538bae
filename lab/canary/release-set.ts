/**
 * A canary set-up on this machine: stable and canary instances of every service as processes on free ports, and
 * HAProxy in front of each service, with the configuration of deploy/canary as it is.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@holdfast/shared/core/until.ts';
import { forEachService, nextOf, type ServiceName, serviceNames } from '../../chain.ts';
import { findFreePorts } from '../processes/ports.ts';
import { createChainHost, type InstanceSettings } from '../proxies/chain-host.ts';
import { findProxy } from '../proxies/find-program.ts';
import { type HaproxySocket, openHaproxySocket, type ServerStat } from '../proxies/haproxy-socket.ts';
import { startProxy } from '../proxies/run-proxy.ts';

/** The releases that deploy/canary has slots for. */
export const releases = ['stable', 'canary'] as const;

/** Which of the two sets an instance belongs to. */
export type Release = (typeof releases)[number];

/** The release of a server of the configuration: its name is that of its release, with a number. */
export function releaseOf({ server }: Pick<ServerStat, 'server'>): Release | undefined {
  return releases.find((release) => server.startsWith(release));
}

/** A running canary set-up. */
export interface ReleaseSet {
  /** HAProxy in front of order. */
  readonly url: string;
  readonly socket: HaproxySocket;
  /** Its database; `undefined` when it is not known. */
  readonly mongoUrl: string | undefined;
  stop(): Promise<void>;
}

/** The number of instances of each service, up to three of each release. */
export type Replicas = Readonly<Record<ServiceName, Readonly<Record<Release, number>>>>;

/** The configuration that is run. */
export const canaryConfig = fileURLToPath(new URL('../../deploy/canary/haproxy.cfg', import.meta.url));

/** Server slots of each release in the configuration. */
const places = [1, 2, 3] as const;
/** The address of an unused slot: a name that never resolves (RFC 6761). */
const unusedAddress = 'nobody.invalid:1';

/** Three stable instances and one canary of each service: the canary's share is a quarter. */
const usualReplicas: Replicas = forEachService(() => ({ stable: 3, canary: 1 }));

/**
 * Starts everything and waits until HAProxy has seen every instance ready.
 * @throws {Error} when HAProxy is missing or a part does not start.
 */
export async function startReleaseSet(replicas: Replicas = usualReplicas): Promise<ReleaseSet> {
  findProxy('haproxy'); // fails before a dozen processes are started
  const place = await createChainHost();
  try {
    const ports = await findFreePorts(serviceNames.length);
    const doors = forEachService(({ name }) => ports[serviceNames.indexOf(name)] ?? 0);
    const front = ports[0] ?? 0;
    const instances = await planInstances(replicas, doors);
    await place.start(instances);
    const socketPath = join(place.folder, 'haproxy.sock');
    const proxy = await startProxy({
      proxy: 'haproxy',
      args: ['-db', '-f', canaryConfig],
      port: front,
      env: {
        CANARY_HOST: '127.0.0.1',
        CANARY_SOCKET: socketPath,
        ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_PORT`, `${doors[name]}`])),
        ...toAddresses(instances),
      },
    });
    const socket = openHaproxySocket(socketPath);
    await awaitReady(socket).catch(async (error: unknown) => {
      await proxy.stop();
      throw error;
    });
    return {
      url: `http://127.0.0.1:${front}`,
      socket,
      mongoUrl: place.mongoUrl,
      async stop() {
        await proxy.stop();
        await place.stop();
      },
    };
  } catch (error) {
    await place.stop();
    throw error;
  }
}

/**
 * Waits until every server with an address is up and has its whole share.
 * @throws {Error} when that takes longer than half a minute; it names those that are not.
 */
export async function awaitReady(socket: HaproxySocket): Promise<void> {
  let unready: string[] = [];
  const isReady = async () => {
    unready = (await socket.servers())
      .filter(({ address, isUp, checked, throttled }) => address !== '' && !(isUp && checked && !throttled))
      .map(({ backend, server }) => `${backend}/${server}`);
    return unready.length === 0;
  };
  await until('every instance is up', isReady, { withinMs: 30_000, everyMs: 50 }).catch(() => {
    throw new Error(`HAProxy does not send to ${unready.join(', ')} as it should after 30 s.`);
  });
}

async function planInstances(
  replicas: Replicas,
  doors: Readonly<Record<ServiceName, number>>,
): Promise<readonly InstanceSettings[]> {
  const planned = serviceNames.flatMap((service) =>
    releases.flatMap((release) =>
      places.slice(0, replicas[service][release]).map((number) => ({ service, release, number })),
    ),
  );
  const ports = await findFreePorts(planned.length);
  return planned.map(({ service, release, number }, index) => {
    const behind = nextOf(service);
    const chain =
      behind === undefined
        ? {}
        : { CHAIN_SVC: `http://127.0.0.1:${doors[behind]}/create`, NEXT_NAME: behind };
    return {
      service,
      name: `${service}-${release}${number}`,
      port: ports[index] ?? 0,
      env: { RELEASE: release, COMMIT: `${release}-build`, ...chain },
    };
  });
}

/** The address of every slot, by its variable in the configuration. */
function toAddresses(instances: readonly InstanceSettings[]): Record<string, string> {
  const all = serviceNames.flatMap((service) =>
    releases.flatMap((release) =>
      places.map((number) => {
        const found = instances.find(({ name }) => name === `${service}-${release}${number}`);
        const address = found === undefined ? unusedAddress : `127.0.0.1:${found.port}`;
        return [`${service}_${release}_${number}`.toUpperCase(), address] as const;
      }),
    ),
  );
  return Object.fromEntries(all);
}
