/**
 * The plan of a comparison, from its settings alone: when orders are due, when the fault is there, and what the two
 * chains differ in. The same settings give the same plan.
 */
import type { FaultType } from '@holdfast/shared/faults/fault-events.ts';
import { type ServiceName, serviceNames } from '../../chain.ts';
import { createRandom } from '../measure/random.ts';
import type { ArmName, ComparisonFault, ComparisonSettings, Outage } from '../server/comparison.ts';

/** What a chain of a comparison is like. */
export interface ArmPlan {
  readonly arm: ArmName;
  /** Of every service, on top of the defaults. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether every breaker is overridden so that each call passes. */
  readonly isBypassed: boolean;
}

/** What both chains do. */
export interface ComparisonPlan {
  /** When orders are due, in milliseconds from the first moment on. */
  readonly dues: readonly number[];
  readonly outage: Outage;
  /** The service that gets the fault. */
  readonly broken: ServiceName;
  /** The body of `PUT /faults/:name` there, without how long it lasts. */
  readonly fault: FaultPlan;
  readonly arms: readonly ArmPlan[];
}

/** A fault. */
export interface FaultPlan {
  readonly type: FaultType;
  readonly phase: 'before';
  readonly rate: number;
  readonly status?: number;
  readonly ms?: number;
  readonly seed: number;
}

/** Shares of the time before and during the fault; the rest is after it. */
const shares = { before: 0.2, during: 0.5 } as const;

/** The default of ATTEMPT_TIMEOUT_MS, written out because `slow` is twice as much. */
const attemptTimeoutMs = 1500;

/**
 * Both chains have the defaults but for the times of a breaker, a fifth of theirs: with a window and an open period of ten
 * seconds a run could not show in this time that it opens and closes again.
 */
const common = {
  ATTEMPT_TIMEOUT_MS: `${attemptTimeoutMs}`,
  BREAKER_WINDOW_MS: '2000',
  BREAKER_OPEN_MS: '2000',
  BREAKER_OPEN_MAX_MS: '2000',
};

/** Four attempts instead of two, so that there is something for the budget to bound. */
const retrying = { RETRY_ATTEMPTS: '4' };
/** As many retries as attempts allow: each call earns all that it may spend. */
const noBudget = { RETRY_BUDGET_RATIO: '3' };

/** Makes the plan. */
export function toPlan(settings: ComparisonSettings): ComparisonPlan {
  const { seconds, seed } = settings;
  const fromMs = Math.max(1, Math.round(seconds * shares.before)) * 1000;
  const toMs = fromMs + Math.round(seconds * shares.during) * 1000;
  return {
    dues: toDues(settings),
    outage: { fromMs, toMs },
    broken: toBroken(settings),
    fault: { ...faults[settings.fault], phase: 'before', seed },
    arms: toArms(settings),
  };
}

const faults: Readonly<Record<ComparisonFault, Pick<FaultPlan, 'type' | 'rate' | 'status' | 'ms'>>> = {
  slow: { type: 'latency', rate: 1, ms: 2 * attemptTimeoutMs },
  down: { type: 'error', rate: 1, status: 503 },
  flaky: { type: 'error', rate: 0.6, status: 503 },
  hang: { type: 'hang', rate: 1 },
};

/** Independent customers: the gaps are exponential, and the mean is the rate. */
function toDues({ ratePerSecond, seconds, seed }: ComparisonSettings): number[] {
  const random = createRandom(seed);
  const dues: number[] = [];
  for (let due = 0; ; ) {
    due += (-Math.log(1 - random.next()) * 1000) / ratePerSecond;
    if (due >= seconds * 1000) return dues;
    dues.push(due);
  }
}

/**
 * A breaker shows most at the end of the chain, where only relays and breakers keep on. Only the front door repeats a
 * call within a request, so a budget shows at its neighbour alone.
 */
export function toBroken({ what }: Pick<ComparisonSettings, 'what'>): ServiceName {
  const [, second, ...rest] = serviceNames;
  const broken = what === 'breaker' ? (rest.at(-1) ?? second) : second;
  if (broken === undefined) throw new TypeError('A comparison needs a chain of two services.');
  return broken;
}

function toArms({ what }: ComparisonSettings): ArmPlan[] {
  if (what === 'breaker')
    return [
      { arm: 'with', env: common, isBypassed: false },
      { arm: 'without', env: common, isBypassed: true },
    ];
  // An open breaker leaves nothing to retry, so both chains go without one: only the budget differs.
  const env = { ...common, ...retrying };
  return [
    { arm: 'with', env, isBypassed: true },
    { arm: 'without', env: { ...env, ...noBudget }, isBypassed: true },
  ];
}
