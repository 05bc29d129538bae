/** Hears what the services of a chain say of themselves, four times a second, by their own streams. */
import type { ServiceStatus } from '@holdfast/shared/observability/wire.ts';
import { type ServiceName, serviceNames } from '../../chain.ts';
import { readStream } from '../server/read-stream.ts';
import { sumCalls } from './chain.ts';
import type { Observation } from './tally.ts';

/** Streams that are open. */
export interface Watch {
  /** The sums over all services, as last heard. */
  view(): Observation;
  stop(): void;
}

/** Opens the streams; `onChange` is called with every status. */
export function watchChain(
  urls: Readonly<Record<ServiceName, string>>,
  broken: ServiceName,
  onChange: () => void,
): Watch {
  const heard = new Map<ServiceName, ServiceStatus>();
  const streams = serviceNames.map((name) =>
    readStream({
      url: `${urls[name]}/events`,
      onMessage({ event, data }) {
        if (event !== 'snapshot' && event !== 'tick') return;
        heard.set(name, data as ServiceStatus);
        onChange();
      },
    }),
  );
  return {
    view() {
      const statuses = [...heard.values()];
      const breakers = statuses.flatMap((status) => status.breakers);
      return {
        wasted: sumCalls(breakers).wasted,
        inFlight: breakers.reduce((sum, { inFlight }) => sum + inFlight, 0),
        pending: statuses.reduce((sum, { relay }) => sum + (relay?.pending ?? 0), 0),
        state: breakers.find(({ name }) => name.endsWith(`→${broken}`))?.state ?? null,
      };
    },
    stop() {
      for (const end of streams) end();
    },
  };
}
