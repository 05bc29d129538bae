/**
 * Applies the faults of a service, and those of the header `Lab-Fault`, to one request.
 *
 * The hop calls `before` and `after` the save; only this module touches connections. A fault ends a request by
 * throwing, so that after the save the hop leaves the document to its relay.
 */
import type { Request, RequestHandler, Response } from 'express';
import { InjectedError } from '../core/errors.ts';
import { faultTtlMs } from '../faults/fault-ranges.ts';
import type { FaultHit, FaultPhase, Faults } from '../faults/faults.ts';
import { type LabFault, parseLabFault } from '../faults/lab-fault.ts';
import type { RequestFaults } from '../faults/request-faults.ts';
import { type Clock, createDeadline, type Deadline, marginMs } from '../resilience/deadline.ts';
import { type ControlSettings, createAccessCheck } from './control.ts';

/** The faults of one request, and the headers that carry them to the next hop. */
export interface BoundFaults extends RequestFaults {
  readonly propagatedHeaders: Readonly<Record<string, string>>;
}

/** Applies faults to requests. */
export interface FaultGate {
  /**
   * Binds the faults to a create of the document `id`; none is applied yet.
   * @throws {RequestError} when `Lab-Fault` cannot be read, or this caller may not use it.
   */
  bind(exchange: Exchange, about: FaultContext): BoundFaults;
  /** Middleware of reads: applies the faults with the phase `before`. */
  readonly reads: RequestHandler;
  /** Middleware of `/readyz`: counts a fault that makes the service unready, and names it in the answer. */
  readonly readyz: RequestHandler;
}

/** Facts about a request beside its headers. */
export interface FaultContext {
  /** The document that it is about. */
  readonly id: string | undefined;
  readonly deadline: Deadline;
  /** A hop has proven that it sent `Lab-Fault`. */
  readonly isProven?: boolean;
}

/** One request with its answer. */
export interface Exchange {
  readonly request: Request;
  readonly response: Response;
}

/** What the gate needs. */
export interface FaultGateOptions {
  readonly faults: Faults;
  /** The name of this service in `Lab-Fault`. */
  readonly service: string;
  readonly control: ControlSettings;
  /** Longest time for one request. */
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
}

/**
 * Milliseconds by which a delay may exceed the deadline. A hop waits a margin longer than it says; if the delay ended
 * at the deadline, the answer would come just before the hop's time-out, and the fault would never look slow.
 */
const overtimeMs = marginMs + 80;

/** Creates the gate of one service. */
export function createFaultGate({ faults, service, control, ...parts }: FaultGateOptions): FaultGate {
  const requireAccess = createAccessCheck(control);

  return {
    bind,
    async reads(request, response, next) {
      if (faults.isEmpty() && request.headers['lab-fault'] === undefined) return next();
      const { id } = request.params;
      const deadline = createDeadline(parts.requestTimeoutMs, parts.clock);
      await bind({ request, response }, { id: typeof id === 'string' ? id : undefined, deadline }).before();
      next();
    },
    readyz(_request, response, next) {
      const fault = faults.isEmpty() ? undefined : faults.unready({ counted: true });
      if (fault !== undefined) response.setHeader('Fault-Injected', fault.name);
      next();
    },
  };

  function bind(exchange: Exchange, { id, deadline, isProven = false }: FaultContext): BoundFaults {
    const { response } = exchange;
    const { asked, propagatedHeaders } = readHeader(exchange, isProven);
    const touched: string[] = [];
    return { before: () => pass('before'), after: () => pass('after'), propagatedHeaders };

    async function pass(phase: FaultPhase): Promise<void> {
      for (const one of asked) if (one.phase === phase) await happen(toHit(one));
      if (faults.isEmpty()) return;
      for (const one of faults.hits(phase, id)) await happen(one);
    }

    async function happen(hit: FaultHit): Promise<void> {
      touched.push(hit.name);
      if (!response.headersSent) response.setHeader('Fault-Injected', touched.join(', '));
      switch (hit.type) {
        case 'latency':
          return hold(response, hit.over, Math.min(hit.delayMs, deadline.leftMs() + overtimeMs));
        case 'hang':
          await hold(response, hit.over);
          response.socket?.destroy();
          break;
        case 'crash':
          faults.crash(hit.name);
          response.socket?.resetAndDestroy();
          break;
        case 'reset':
          response.socket?.resetAndDestroy();
          break;
        case 'error':
        case 'unready':
          break;
        default:
          hit.type satisfies never;
      }
      throw new InjectedError(hit.detail, { status: hit.status });
    }
  }

  /** Without LAB=1 the header is ignored. */
  function readHeader(
    { request, response }: Exchange,
    isProven: boolean,
  ): {
    asked: readonly LabFault[];
    propagatedHeaders: Readonly<Record<string, string>>;
  } {
    const header = request.get('lab-fault');
    if (header === undefined || !control.enabled) return { asked: [], propagatedHeaders: {} };
    if (!isProven) requireAccess(request, response);
    return {
      asked: parseLabFault(header).filter((one) => one.service === service),
      propagatedHeaders: {
        // The next hop asks for the token too, or for the proof that forward.ts makes.
        'Lab-Fault': header,
      },
    };
  }

  function toHit({ type, status, ms, phase }: LabFault): FaultHit {
    const what = type === 'error' ? `error=${status}` : type === 'latency' ? `latency=${ms}` : type;
    return {
      name: 'Lab-Fault',
      type,
      status,
      delayMs: ms,
      detail: `Lab-Fault asked for ${what} ${phase} the save.`,
      over: AbortSignal.any([faults.stopped, AbortSignal.timeout(faultTtlMs.max)]),
    };
  }
}

/** Waits until the time is over, the caller has disconnected, or the fault is over. */
function hold(response: Response, over: AbortSignal, ms?: number): Promise<void> {
  return new Promise((resolve) => {
    if (over.aborted || response.closed || response.destroyed) return resolve();
    const end = () => {
      clearTimeout(timer);
      over.removeEventListener('abort', end);
      response.off('close', end);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(end, ms);
    over.addEventListener('abort', end, { once: true });
    response.once('close', end);
  });
}
