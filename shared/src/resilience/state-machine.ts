/**
 * The state of one breaker, and the generation of opossum that decides in it.
 *
 * Every generation (a transition, a probe, a change of settings) is a fresh opossum instance. An outcome of an
 * older generation lands in a discarded instance, where it decides nothing.
 */
import type { EventEmitter } from 'node:events';
import { isCounted, perform, type RunningCall } from './breaker-call.ts';
import type { BreakerConfig, BreakerEvents, BreakerTransition } from './breaker-events.ts';
import type { Rejections } from './breaker-rejections.ts';
import type { State, TransitionReason } from './breaker-state.ts';
import { type StateView, toStateView } from './breaker-view.ts';
import { type CallStats, toDurationMs } from './call-stats.ts';
import { createMachine, type Machine, type MachineListeners } from './opossum-machine.ts';

/** What the parts of one breaker share. */
export interface BreakerParts {
  readonly name: string;
  readonly clock: () => number;
  /** Numbers from 0 to 1, for jitter. */
  readonly random: () => number;
  readonly events: BreakerEvents;
  readonly stats: CallStats;
  readonly rejections: Rejections;
  /** Emits `rotate` once per bucket of the window that has passed. */
  readonly rotation: EventEmitter;
  /** The rules in force now. */
  readonly config: () => BreakerConfig;
}

/** What the state machine leaves to the rules. */
export interface StateRules extends Pick<MachineListeners, 'onOpen' | 'onOpenTimeOver'> {
  /** A probe has ended; called before opossum counts it and decides. */
  onProbeEnd(call: RunningCall): void;
}

/** The state of one breaker. */
export interface StateMachine {
  readonly state: State;
  /** When the present state began. */
  readonly since: number;
  /** When it last came back to `closed` from an outage; `null` before the first. */
  readonly closedAt: number | null;
  readonly generation: number;
  readonly isStopped: boolean;
  /** The last call that ended in its own generation. */
  readonly lastCall: RunningCall | null;
  /** Failures since the last success or the beginning of this generation. */
  readonly failuresInARow: number;
  /** Whether a call would pass now. */
  isCallPermitted(): boolean;
  /** Runs a call to its end; it counts if its generation is still the present one then. Never rejects. */
  fire(call: RunningCall): Promise<void>;
  /** Replaces what belongs to the present state, which stays. */
  update(state: State): void;
  /** Goes to a state with an empty window; emits a transition if the state is another one. */
  enter(next: State, reason: TransitionReason): void;
  /** Begins a generation in the present state; `openMs` is the rest of an open period. */
  renew(openMs?: number): void;
  view(): StateView;
  /** Ends its timer; no call passes any more. */
  stop(): void;
}

/** Creates a closed state machine with an empty window. */
export function createStateMachine(parts: BreakerParts, rules: StateRules): StateMachine {
  const { name, clock, events, stats, rejections, rotation, config } = parts;
  let state: State = { kind: 'closed' };
  let since = clock();
  let closedAt: number | null = null;
  let generation = 0;
  let machine: Machine | null = null;
  let lastCall: RunningCall | null = null;
  let failuresInARow = 0;
  let isStopped = false;
  renew();
  stats.openWindow(config().windowMs);

  return {
    get state() {
      return state;
    },
    get since() {
      return since;
    },
    get closedAt() {
      return closedAt;
    },
    get generation() {
      return generation;
    },
    get isStopped() {
      return isStopped;
    },
    get lastCall() {
      return lastCall;
    },
    get failuresInARow() {
      return failuresInARow;
    },

    isCallPermitted() {
      if (isStopped) return false;
      // An open machine whose time is over is ready to probe, but another replica may be the one that probes.
      return machine
        ? machine.isClosed || (machine.isReadyToProbe && state.kind !== 'open')
        : state.kind === 'disabled';
    },

    async fire(call) {
      if (machine) return machine.fire(call);
      await perform(call);
      // A disabled breaker has no machine: its calls count as long as it is in the same disabled state.
      if (call.generation === generation && !isStopped) land(call);
    },

    update(changed) {
      state = changed;
    },
    enter,
    renew,
    view: () => toStateView(name, state),

    stop() {
      isStopped = true;
      machine?.shutdown();
    },
  };

  /** Counts the outcome of a call of the present generation. */
  function land(call: RunningCall): void {
    call.landed = true;
    lastCall = call;
    stats.end(call, { late: false });
    if (call.outcome === 'success') failuresInARow = 0;
    else if (isCounted(call.outcome)) failuresInARow += 1;
    if (state.kind === 'half_open') rules.onProbeEnd(call);
  }

  function enter(next: State, reason: TransitionReason): void {
    const at = clock();
    const left = { state, lastedMs: at - since, rejected: rejections.total, window: stats.view().window };
    state = next;
    since = at;
    if (next.kind === 'closed' && 'outage' in left.state) closedAt = at;
    renew();
    stats.openWindow(config().windowMs);
    if (next.kind === 'closed' || next.kind === 'disabled') rejections.stop();
    else rejections.start();
    if (left.state.kind !== next.kind) events.emit('transition', toTransition(at, left, reason));
  }

  /** Puts a fresh machine in place of the last one, which decides nothing from now on. */
  function renew(openMs?: number): void {
    machine?.shutdown();
    generation += 1;
    failuresInARow = 0;
    machine = null;
    if (state.kind === 'forced_open' || state.kind === 'disabled') return;
    const settings = config();
    const restMs = openMs ?? (state.kind === 'open' ? state.probeAt - clock() : settings.openMs);
    machine = createMachine(
      { name, settings, state: state.kind, openMs: restMs, rotation },
      { ...rules, onOutcome: land, onClose: () => enter({ kind: 'closed' }, 'probe-ok') },
    );
  }

  /** Describes the transition from `left` into the present state. */
  function toTransition(
    at: number,
    left: Pick<BreakerTransition, 'lastedMs' | 'rejected' | 'window'> & { readonly state: State },
    reason: TransitionReason,
  ): BreakerTransition {
    const { window, lastedMs, rejected } = left;
    const outage = 'outage' in left.state ? left.state.outage : 'outage' in state ? state.outage : null;
    const isProbed = reason === 'probe-ok' || reason === 'probe-failed' || reason === 'probe-timeout';
    const { openedBecause, probeAt, until, failedProbes } = toStateView(name, state);
    return {
      name,
      at,
      from: left.state.kind,
      to: state.kind,
      reason,
      because: openedBecause ?? outage?.because ?? null,
      window: { calls: window.calls, failures: window.failures, ratio: window.ratio },
      probeAt,
      until,
      lastError: stats.lastError,
      rejected,
      lastedMs,
      downMs: state.kind === 'closed' && outage !== null ? at - outage.downSince : null,
      probeMs: isProbed && lastCall !== null ? toDurationMs(lastCall, at) : null,
      failedProbes,
      generation,
      config: config(),
    };
  }
}
