/**
 * Lets the faults of a service, and those of the header `Lab-Fault`, happen to one request.
 *
 * The hop says when (`before` and `after` the save) and knows no more; connections are touched here only. A fault that
 * ends a request does so by throwing, so that after the save the hop gives the document to its relay.
 */
import type { Request, RequestHandler, Response } from 'express';
import { InjectedError } from '../core/errors.ts';
import { faultTtlMs } from '../faults/fault-ranges.ts';
import type { FaultHit, FaultPhase, Faults } from '../faults/faults.ts';
import { type LabFault, parseLabFault } from '../faults/lab-fault.ts';
import type { RequestFaults } from '../faults/request-faults.ts';
import { type Clock, createDeadline, type Deadline, marginMs } from '../resilience/deadline.ts';
import { type ControlSettings, createAccessCheck } from './control.ts';

/** The faults of one request, and the headers by which the next hop knows of them. */
export interface BoundFaults extends RequestFaults {
  readonly propagatedHeaders: Readonly<Record<string, string>>;
}

/** Where requests meet faults. */
export interface FaultGate {
  /**
   * Binds the faults to a create of the document `id`; nothing happens yet.
   * @throws {RequestError} when `Lab-Fault` cannot be read, or this caller may not ask for faults.
   */
  bind(exchange: Exchange, about: FaultContext): BoundFaults;
  /** Middleware of what only reads: everything that happens before a save happens here, too. */
  readonly reads: RequestHandler;
  /** Middleware of `/readyz`: counts and marks the answer of a service that a fault makes unready. */
  readonly readyz: RequestHandler;
}

/** What is known of a request beside its headers. */
export interface FaultContext {
  /** The document that it is about. */
  readonly id: string | undefined;
  readonly deadline: Deadline;
  /** A hop has proven that it asks for the faults. */
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
 * How long a delay may outlast the deadline, in milliseconds. A caller that is a hop waits a margin longer than it
 * says; ended at the deadline, a delay would be answered just before its time-out and never look slow.
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

  /** Without LAB=1 the header is not there. */
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
        // The next hop asks for a token, too, or for the proof that forward.ts makes.
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

/** Waits until the time is over, the caller has left, or the fault is over, whichever comes first. */
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
