/**
 * Puts together what stands between a socket and the work: measuring, origins, admission, framing, and the app with its
 * endpoints. It takes the port at once; the answers depend on the phase of the service.
 */
import type { RequestListener } from 'node:http';
import type { Request, Response } from 'express';
import type { Body, Resource } from '../core/resource.ts';
import { groupHeader, maxEntries } from '../delivery/group-format.ts';
import { createAdmission } from '../http/admission.ts';
import type { ControlSettings } from '../http/control.ts';
import { handleCors } from '../http/cors.ts';
import { createFaultGate } from '../http/fault-gate.ts';
import { createGroupListener, isGroup } from '../http/group-listener.ts';
import { listen } from '../http/lifecycle.ts';
import { listOwnRoutes } from '../http/own-routes.ts';
import { createReadGate } from '../http/read-gate.ts';
import { requireClearFraming } from '../http/transfer-coding.ts';
import { createHealth, type Health } from '../observability/health.ts';
import { measureRequests } from '../observability/measure-requests.ts';
import { type ChainGate, createChainGate } from '../proof/chain-gate.ts';
import { monotonicClock } from '../resilience/deadline.ts';
import { openEndpoints } from './endpoints.ts';
import { createApp, type OwnOptions } from './express-app.ts';
import type { HopSettings } from './hop-settings.ts';
import type { OpenedHop } from './open-hop.ts';
import type { OpenedNext } from './open-next.ts';
import { openFaults, type Store, type Telemetry } from './open-parts.ts';

/** What the HTTP side of a service is made of. */
export interface OpenHttpOptions<B extends Body> {
  readonly settings: HopSettings;
  readonly telemetry: Telemetry;
  readonly resource: Resource<B>;
  readonly store: Store;
  readonly next: OpenedNext | undefined;
  readonly hop: Pick<OpenedHop, 'create' | 'relayBudgetLeft'>;
  readonly own: OwnOptions;
  /** What a fault of type crash does; it kills this process unless told otherwise. */
  readonly crash?: ((fault: string) => void) | undefined;
}

/** A service that listens. */
export interface OpenedHttp {
  readonly url: string;
  readonly health: Health;
  /** Ends faults and streams, then takes no connection and finishes the requests under way. */
  close(): Promise<void>;
}

/**
 * Opens the HTTP side of a service, which is `starting`.
 * @throws {ListenError} when the port cannot be used.
 * @throws {StartError} when a route of one's own has a path that every service answers.
 */
export async function openHttp<B extends Body>(options: OpenHttpOptions<B>): Promise<OpenedHttp> {
  const { settings, telemetry, resource, next, own } = options;
  const { create } = options.hop;
  const { database, records, keys } = options.store;
  const { log, tracer, identity } = telemetry;
  const service = settings.ID;
  const chain = createChainGate(keys);
  const faults = openFaults(settings, telemetry, options.crash);
  const health = createHealth(database, () => faults.unready({ counted: false })?.detail);
  const control: ControlSettings = {
    enabled: settings.LAB,
    token: settings.LAB_TOKEN,
    names: [service, ...toList(settings.LAB_HOSTS.toLowerCase())],
  };
  const reads = createReadGate({ isBusy: () => admission.isBusy() });
  const endpoints = openEndpoints({ ...options, reads, records, health, faults, control });
  const bounds = { service, requestTimeoutMs: settings.REQUEST_TIMEOUT_MS, clock: monotonicClock };
  const admission = createAdmission({
    ...bounds,
    max: settings.ADMISSION_MAX,
    random: Math.random,
    phase: health.phase,
    chain,
    meter: endpoints.meter,
  });
  const answersGroups = own.middleware.length === 0;
  const {
    app,
    create: answerCreate,
    fail,
  } = createApp({
    ...bounds,
    resource,
    instance: identity.instance,
    release: settings.RELEASE,
    commit: settings.COMMIT,
    controls: settings.LAB,
    gate: createFaultGate({ ...bounds, faults, control }),
    create,
    chain: answersGroups ? announceGroups(chain) : chain,
    admission,
    records,
    health,
    reads,
    next,
    log,
    tracer,
    routes: endpoints.routes,
    own,
  });
  const guarded = admission.guard(requireClearFraming(service, app));
  const origins = toList(settings.CORS_ORIGINS);
  const createPaths = ['/create', `/${resource.plural}`];
  const observe = endpoints.observeRequest;
  const paths = new Set([...createPaths, ...listOwnRoutes(own.routers).map(({ path }) => path)]);
  const measured = (handler: RequestListener) =>
    measureRequests({ observe, clock: monotonicClock, paths, handler });
  const handler = measured(handleCors({ origins, control, service, handler: guarded }));
  const groups = { chain, paths: new Set(createPaths), fail };
  const answer = measured((request, response) => void answerCreate(request as Request, response as Response));
  const groupHandler = measured(admission.guard(createGroupListener({ ...groups, answer })));
  const server = await listen({ host: settings.HOST, port: settings.PORT, service }, (request, response) =>
    (answersGroups && isGroup(request, groups) ? groupHandler : handler)(request, response),
  );

  return {
    url: server.url,
    health,
    async close() {
      faults.stop();
      endpoints.close();
      await server.close(settings.REQUEST_TIMEOUT_MS + 1000);
    },
  };
}

/** Says in answers to hops that this service takes groups. */
function announceGroups(chain: ChainGate): ChainGate {
  const announced = { [groupHeader]: `${maxEntries}` };
  return {
    ...chain,
    seal(request, status, text) {
      const proof = chain.seal(request, status, text);
      return 'Chain-Proof' in proof ? { ...proof, ...announced } : proof;
    },
  };
}

function toList(text: string): string[] {
  return text.split(',').filter(Boolean);
}
