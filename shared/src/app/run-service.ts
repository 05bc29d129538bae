/**
 * Runs one service as a process: what main.ts calls. The same without a process, for tests, is run-hop.ts.
 */
import type { RequestHandler } from 'express';
import { environmentWith, isJsonAsked, type SettingsOf, type SettingsTable } from '../core/config.ts';
import { StartError } from '../core/errors.ts';
import { startIdleCollection } from '../core/idle-memory.ts';
import type { Body, Resource } from '../core/resource.ts';
import { ListenError, onStopSignal } from '../http/lifecycle.ts';
import type { OwnRouters } from '../http/own-routes.ts';
import { announce, complain, speakJson, warnOfMisspelled } from '../observability/log.ts';
import type { HopSettings } from './hop-settings.ts';
import type { NeighbourAddresses } from './open-neighbours.ts';
import { openNext } from './open-next.ts';
import { openStore, openTelemetry, readHopSettings } from './open-parts.ts';
import { type RunOptions, runHop } from './run-hop.ts';

/** A value, or what makes it of the settings of the service. */
export type OfSettings<T, Own extends SettingsTable> = T | ((settings: HopSettings & SettingsOf<Own>) => T);

/** What is special about one service. */
export interface RunServiceOptions<Own extends SettingsTable> {
  /** Its name unless the setting ID says otherwise. */
  readonly id: string;
  /** Where it listens unless the setting PORT says otherwise. */
  readonly port: number;
  /** Settings that only it has; a bad value is reported together with those of every hop. */
  readonly settings?: Own;
  /** Routers by the path at which they are mounted; docs/own-routes.md shows what they inherit. */
  readonly routes?: OfSettings<OwnRouters, Own>;
  /** Runs before own routes and before creates; `next()` goes on. */
  readonly middleware?: OfSettings<readonly RequestHandler[], Own>;
  /** Where `request.holdfast.call` finds neighbours: by name, URLs in the form of `CHAIN_SVC`. */
  readonly neighbours?: OfSettings<NeighbourAddresses, Own>;
}

/**
 * Runs a service that keeps `resource`: reads the settings, opens telemetry, database and the way to the next hop,
 * says when it is ready, and leaves at SIGTERM or SIGINT. What keeps it from starting is said in a line and ends the process.
 */
export async function runService<B extends Body, Own extends SettingsTable = Record<never, never>>(
  resource: OfSettings<Resource<B>, Own>,
  { id, port, settings: table, routes = {}, middleware = [], neighbours = {} }: RunServiceOptions<Own>,
): Promise<void> {
  if (isJsonAsked()) speakJson(environmentWith({}).ID || id);
  const settings = readHopSettings({ id, port }, table);
  const given = <T>(value: OfSettings<T, Own>): T =>
    typeof value === 'function' ? (value as (from: typeof settings) => T)(settings) : value;
  const telemetry = openTelemetry(settings);
  // Who has started it knows more names, and has told of them.
  if (!settings.EXIT_WITH_PARENT) warnOfMisspelled(telemetry.log, Object.keys(settings));
  const store = openStore(settings);
  const next = openNext(settings, telemetry, store);
  await serve({
    settings,
    telemetry,
    store,
    next,
    resource: given(resource),
    routes: given(routes),
    middleware: given(middleware),
    neighbours: given(neighbours),
  });
}

async function serve<B extends Body>(options: RunOptions<B>): Promise<void> {
  const { settings, telemetry } = options;
  const { log } = telemetry;
  const hop = await runHop(options).catch((error: unknown) => {
    complain(error instanceof ListenError || error instanceof StartError ? error.message : String(error));
    process.exit(1);
  });
  let isStopping = false;
  onStopSignal(
    async (why) => {
      isStopping = true;
      log.info(`stopping: ${why}`);
      await hop.stop();
      log.info('stopped');
      process.exit(0);
    },
    { withParent: settings.EXIT_WITH_PARENT },
  );
  try {
    await hop.ready;
  } catch (error) {
    complain(`${settings.ID} cannot start: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
  if (isStopping) return;
  startIdleCollection();
  log.info(
    `listening on ${hop.url}, ${settings.CHAIN_SVC === '' ? 'the end of the chain' : `next is ${settings.CHAIN_SVC}`}`,
  );
  announce(`ready ${settings.ID}=${hop.url}`);
}
