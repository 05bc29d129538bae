/**
 * The policy of the way to the next hop: what it is now, and changes while it runs.
 *
 * Calls under way keep what they began with. Who may change it is decided in control.ts; nothing of it outlives the
 * process.
 */
import { type FieldError, InvalidError } from '../core/errors.ts';
import type { Breaker } from '../resilience/breaker.ts';
import type { BreakerSettings } from '../resilience/breaker-settings.ts';
import { toSettingChanges } from '../resilience/breaker-settings.ts';
import type { RetryBudget } from '../resilience/budget.ts';
import type { Bulkhead } from '../resilience/bulkhead.ts';
import type { Clock } from '../resilience/deadline.ts';
import { InvalidSettingsError } from '../resilience/errors.ts';
import { toPointer } from '../resilience/json-pointer.ts';
import {
  applyPolicyChange,
  type PolicyChange,
  type PolicySettingChange,
  parsePolicyChange,
  type RunningPolicy,
  toPolicyChanges,
  whyDeadlineIsFixed,
} from '../resilience/policy-settings.ts';
import type { Events } from './events.ts';
import type { PolicyAnswer, ServiceIdentity } from './wire.ts';

/** What an answer says of a policy, without its sender. */
export type PolicyView = Omit<PolicyAnswer, keyof ServiceIdentity | 'at'>;

/** The policy of one hop. */
export interface LivePolicy {
  /** As new calls and new instances get it. */
  readonly current: RunningPolicy;
  view(): PolicyView;
  /**
   * Changes it; nothing is changed when any part of the change is not legal.
   *
   * @throws {InvalidError} when the change is not legal; it names every field.
   */
  change(body: unknown): PolicyView & { readonly changed: readonly PolicySettingChange[] };
}

/** What a change reaches. */
export interface LivePolicyOptions {
  /** `front→back`; a breaker of this name is that of the whole hop. */
  readonly hop: string;
  readonly policy: RunningPolicy;
  readonly bulkhead: Pick<Bulkhead, 'configure'>;
  readonly budget: Pick<RetryBudget, 'configure'>;
  readonly breakers: () => readonly Breaker[];
  readonly events: Events;
  readonly clock: Clock;
}

/** Creates the policy of a hop. */
export function createLivePolicy(options: LivePolicyOptions): LivePolicy {
  const { hop, bulkhead, budget, breakers, events, clock } = options;
  let current = options.policy;

  // The breaker of a neighbour with one address is that of the hop, also when it is changed by itself.
  events.on('configured', ({ name, config }) => {
    if (name === hop) current = { ...current, breaker: toSettings(config) };
  });

  return {
    get current() {
      return current;
    },
    view,
    change(body) {
      const change = parse(body, current);
      const before = current;
      const next = applyPolicyChange(current, change);
      current = next;
      bulkhead.configure(next.bulkhead);
      budget.configure(next.budget);
      const { breaker = {} } = change;
      for (const one of breakers()) one.configure(breaker);
      const changed = toPolicyChanges(before, next);
      // The one breaker of the whole hop has told of its own settings; those of instances have not told those of the hop.
      const isTold = breakers().some(({ name }) => name === hop);
      const others = changed.filter(({ setting }) => !isTold || !setting.startsWith('breaker.'));
      if (others.length > 0) events.emit('policy', { name: hop, at: clock(), changed: others });
      return { ...view(), changed };
    },
  };

  function view(): PolicyView {
    return {
      hop,
      policy: current,
      exceptions: breakers().flatMap(toException),
      fixed: [{ pointer: '/policy/deadlineMs', why: `deadlineMs ${whyDeadlineIsFixed}.` }],
    };
  }

  function toException(breaker: Breaker): PolicyView['exceptions'] {
    const changes = toSettingChanges(current.breaker, toSettings(breaker.view().config));
    if (changes.length === 0) return [];
    const settings = Object.fromEntries(changes.map(({ setting, to }) => [setting, to]));
    return [{ breaker: breaker.name, settings }];
  }
}

function toSettings({
  attemptTimeoutMs: _,
  ...settings
}: ReturnType<Breaker['view']>['config']): BreakerSettings {
  return settings;
}

/** The settings in a body, which has nothing else. */
function parse(body: unknown, present: RunningPolicy): PolicyChange {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new InvalidError('The change is invalid: it must be an object with policy.', [
      { pointer: '', detail: 'must be an object with policy' },
    ]);
  const { policy, ...others } = body as Record<string, unknown>;
  const errors: FieldError[] = Object.keys(others).map((name) => ({
    pointer: toPointer([name]),
    detail: 'is no member of a change',
  }));
  try {
    const change = parsePolicyChange(policy ?? {}, present);
    if (Object.keys(change).length === 0)
      errors.push({ pointer: '/policy', detail: 'must be an object with at least one setting' });
    if (errors.length === 0) return change;
  } catch (error) {
    if (!(error instanceof InvalidSettingsError)) throw error;
    errors.push(...error.issues.map(({ pointer, detail }) => ({ pointer: `/policy${pointer}`, detail })));
  }
  const words = errors.map(({ pointer, detail }) => `${toName(pointer)} ${detail}`);
  throw new InvalidError(`Invalid policy: ${words.join('; ')}.`, errors);
}

/** `/policy/budget/ratio` → `budget.ratio` */
function toName(pointer: string): string {
  return pointer.replace(/^\/(policy\/)?/, '').replaceAll('/', '.');
}
