/**
 * The one entry of `@holdfast/shared/resilience`; README.md beside it says how to use it.
 *
 * Files in this folder import only npm packages and each other. This is the one file of the repository that re-exports
 * others, because the folder can be used on its own.
 */
export { type Strategy, strategies } from './balancer.ts';
export {
  type Breaker,
  type BreakerOptions,
  createBreaker,
  type RunOptions,
} from './breaker.ts';
export { classifyByDefault, type Verdict } from './breaker-call.ts';
export type {
  BreakerCall,
  BreakerConfigured,
  BreakerEventMap,
  BreakerEvents,
  BreakerRejections,
  BreakerTransition,
} from './breaker-events.ts';
export type { Override } from './breaker-override.ts';
export {
  type BreakerSettings,
  breakerDefaults,
  breakerRanges,
  parseBreakerSettings,
} from './breaker-settings.ts';
export type { BreakerState, Outcome } from './breaker-state.ts';
export type { BreakerView, StateView } from './breaker-view.ts';
export {
  stateLabels,
  toCallLine,
  toConfiguredLine,
  toDetail,
  toRejectionsLine,
  toReportSentence,
  toTransitionLine,
} from './breaker-words.ts';
export { type BudgetSettings, createRetryBudget, type RetryBudget } from './budget.ts';
export { type Bulkhead, type BulkheadSettings, createBulkhead } from './bulkhead.ts';
export { type Clock, createDeadline, type Deadline, monotonicClock, systemClock } from './deadline.ts';
export {
  AttemptTimeoutError,
  BreakerOpenError,
  BulkheadFullError,
  CallError,
  type CallErrorCode,
  DeadlineExceededError,
  InvalidSettingsError,
  NeighbourError,
  NoInstanceError,
  NotSentError,
} from './errors.ts';
export { createEventBus, type EventBus } from './event-bus.ts';
export { createHttpClient, type HttpClient, type HttpResponse } from './http-client.ts';
export { createInstances, type Instance, type Instances, type InstancesOptions } from './instances.ts';
export { type CallRecord, measureRun, type RunRecord } from './model/measure-run.ts';
export type { RunOutcome, RunSecond, RunTransition } from './model/outcome.ts';
export { type PartialPolicy, parsePolicy } from './model/parse-policy.ts';
export { type PartialScenario, parseScenario, scenarioDefaults } from './model/parse-scenario.ts';
export { type Policy, policyDefaults } from './model/policy.ts';
export {
  createPipelineOf,
  type PolicyPipeline,
  type PolicyPipelineOptions,
} from './model/policy-pipeline.ts';
export type { Load, Neighbour, RateStep, Scenario, ScenarioFault, ServiceTime } from './model/scenario.ts';
export { type SimulateOptions, simulate } from './model/simulate.ts';
export {
  type AroundCall,
  type Attempt,
  type CallContext,
  type CallPolicy,
  createPipeline,
  type Pipeline,
  type PipelineOptions,
} from './pipeline.ts';
export { policyRanges } from './policy-settings.ts';
export type { ProbeLeases } from './probe-leases.ts';
export { type RetrySettings, retry } from './retry.ts';
export { parseRetryAfter } from './retry-after.ts';
export { createShadow, type Shadow, type ShadowReport } from './shadow.ts';
