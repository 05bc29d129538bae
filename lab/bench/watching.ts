/**
 * Observers of a chain: the lab with one open dashboard, and a scraper of metrics.
 *
 * The dashboard's stream is read and dropped, since a browser draws on another machine.
 */
import { fileURLToPath } from 'node:url';
import { serviceNames } from '../../chain.ts';
import { environmentWith } from '../../shared/src/core/config.ts';
import { type RunningProcess, startProcess } from './process.ts';

/** The observers of one chain. */
export interface Watching {
  readonly lab: RunningProcess;
  /** Ends the dashboard's stream and the scrapes. */
  close(): void;
}

/** Shorter than the usual scrape interval of Prometheus, a minute by default. */
const scrapeEveryMs = 1000;

/** Starts the lab for the running services of a chain, opens its stream, and begins to scrape. */
export async function startWatching(services: readonly Pick<RunningProcess, 'url'>[]): Promise<Watching> {
  const lab = await startProcess({
    script: fileURLToPath(new URL('../server/main.ts', import.meta.url)),
    args: [],
    env: environmentWith({
      PORT: '0',
      HOST: '127.0.0.1',
      LAB_SERVICES: services.map(({ url }, index) => `${serviceNames[index]}=${url}`).join(','),
      LOG_LEVEL: 'warn',
      EXIT_WITH_PARENT: '1',
    }),
  });
  const end = new AbortController();
  void read(`${lab.url}/events`, end.signal);
  const scrapes = setInterval(() => {
    for (const { url } of services) void read(`${url}/metrics`, end.signal);
  }, scrapeEveryMs);
  return {
    lab,
    close() {
      clearInterval(scrapes);
      end.abort();
    },
  };
}

/** Reads to the end and drops it; a service that has stopped is ignored. */
async function read(url: string, signal: AbortSignal): Promise<void> {
  try {
    const { body } = await fetch(url, { signal });
    for await (const _ of body ?? []);
  } catch {
    // Closed here or by the service.
  }
}
