/**
 * One opossum instance that decides by the outcomes it is given, and by nothing else. The only importer of opossum.
 *
 * opossum counts a call when it begins; here a call counts when it has ended: calls on their way and ignored ones
 * would otherwise lower the share of failures.
 */
import type { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';
import { isCounted, perform, type RunningCall } from './breaker-call.ts';
import type { BreakerSettings } from './breaker-settings.ts';
import { windowBuckets } from './breaker-window.ts';

/** What an instance is made of. */
export interface MachineOptions {
  readonly name: string;
  readonly settings: BreakerSettings;
  /** The state in which it begins. */
  readonly state: 'closed' | 'open' | 'half_open';
  /** How long it stays open, from now or from the moment in which it opens. */
  readonly openMs: number;
  /** Emits `rotate` once per bucket of the window that has passed. */
  readonly rotation: EventEmitter;
}

/** What an instance reports. */
export interface MachineListeners {
  /** A call has ended; called before opossum counts it and decides. */
  onOutcome(call: RunningCall): void;
  /** It has opened: by the share of failures in its window, or by a failed probe. */
  onOpen(window: { readonly calls: number; readonly failures: number }): void;
  /** Its open period is over. */
  onOpenTimeOver(): void;
  /** Its probe has succeeded. */
  onClose(): void;
}

/** One instance. */
export interface Machine {
  readonly isClosed: boolean;
  /** It is half-open and no probe is on its way. */
  readonly isReadyToProbe: boolean;
  /** Runs a call to its end; outcome and result are on the call. Never rejects. */
  fire(call: RunningCall): Promise<void>;
  /** Ends its timers; outcomes that come later are not reported. */
  shutdown(): void;
}

/** The types of opossum leave out `increment` and the `state` option. */
type CountingStatus = CircuitBreaker.Status & { increment(property: 'fires'): void };
type OpossumOptions = CircuitBreaker.Options<[RunningCall]> & { state: Partial<CircuitBreaker.State> };

/** Creates an instance. */
export function createMachine(
  { name, settings, state, openMs, rotation }: MachineOptions,
  listeners: MachineListeners,
): Machine {
  // A fresh object each time: opossum writes its defaults into the one it is given.
  const options: OpossumOptions = {
    name,
    timeout: false,
    errorThresholdPercentage: settings.thresholdRatio * 100,
    volumeThreshold: settings.minCalls,
    resetTimeout: openMs,
    rollingCountTimeout: settings.windowMs,
    rollingCountBuckets: windowBuckets,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    rotateBucketController: rotation,
    state: { closed: state === 'closed', halfOpen: state === 'half_open' },
  };
  const opossum = new CircuitBreaker<[RunningCall], RunningCall>(performOrThrow, options);
  opossum.removeAllListeners('fire');
  const land = (call: RunningCall) => {
    listeners.onOutcome(call);
    if (isCounted(call.outcome)) (opossum.status as CountingStatus).increment('fires');
  };
  opossum.prependListener('success', land);
  opossum.prependListener('failure', land);
  opossum.on('open', () => {
    const { fires, failures } = opossum.stats;
    listeners.onOpen({ calls: fires, failures });
  });
  opossum.on('halfOpen', () => listeners.onOpenTimeOver());
  opossum.on('close', () => listeners.onClose());

  return {
    get isClosed() {
      return opossum.closed;
    },
    get isReadyToProbe() {
      return opossum.pendingClose;
    },
    fire: (call) => opossum.fire(call).then(ignore, ignore),
    shutdown: () => opossum.shutdown(),
  };
}

/** Rejects with the call itself when its outcome counts against the neighbour. */
async function performOrThrow(call: RunningCall): Promise<RunningCall> {
  await perform(call);
  if (call.outcome === 'failure' || call.outcome === 'timeout') throw call;
  return call;
}

/** Result and error are on the call already. */
function ignore(): void {}
