/** The options of `npm run canary`: bounded, so that every run ends, and for this machine only. */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import {
  freeText,
  numberList,
  UsageError,
  wholeNumber,
  word,
} from '@holdfast/shared/core/command-options.ts';
import { type ServiceName, serviceNames } from '../../chain.ts';
import { reportOption } from '../report/report-file.ts';
import type { RolloutSettings } from './rollout.ts';

/** The faults that can be injected into a canary. */
export const breaks = {
  error: { type: 'error', rate: 0.5 },
  latency: { type: 'latency', ms: 600 },
  hang: { type: 'hang', rate: 0.3 },
  reset: { type: 'reset', rate: 0.5 },
  crash: { type: 'crash', rate: 0.2 },
  unready: { type: 'unready' },
} as const;

/** The name of a fault. */
export type BreakKind = keyof typeof breaks;

/** The settings of a run. */
export interface CanarySettings extends RolloutSettings {
  /** A running HAProxy and its runtime interface; absent: everything is started here. */
  readonly running: { readonly url: string; readonly socket: string } | undefined;
  /** Requests of the distribution. 0 to 10,000. @default 400 */
  readonly requests: number;
  /** Orders a second during the rollout. 1 to 200. @default 40 */
  readonly rate: number;
  /** The service whose canaries get a fault, and which. */
  readonly broken: { readonly service: ServiceName; readonly kind: BreakKind } | undefined;
  /** Where the report is written. */
  readonly report: string | undefined;
}

const breakKinds = Object.keys(breaks) as BreakKind[];

/** How to call it. */
export const canaryCommand = {
  name: 'npm run canary',
  does:
    'Shows which release serves how much behind HAProxy, then shifts the share of the canaries in steps, and rolls back ' +
    'when they do worse.',
  options: {
    requests: wholeNumber({
      min: 0,
      max: 10_000,
      fallback: 400,
      about: 'requests that show the distribution',
    }),
    rate: wholeNumber({ min: 1, max: 200, fallback: 40, about: 'orders a second during the rollout' }),
    steps: numberList({
      ...{ value: 'N,…', min: 1, max: 100, most: 10, fallback: [5, 25, 50, 100] },
      about: 'shares of the canaries',
      check: (steps) => steps.every((step, index) => index === 0 || step > (steps[index - 1] ?? 0)),
      range: 'up to 10 percentages that grow, such as 5,25,50,100',
    }),
    seconds: wholeNumber({ min: 1, max: 600, fallback: 10, about: 'length of a step' }),
    longest: wholeNumber({
      ...{ min: 1, max: 600, fallback: 60 },
      about: 'seconds after which a step is judged with too few answers, too',
    }),
    break: word(serviceNames, {
      ...{ value: 'SERVICE', fallback: undefined },
      about: 'which service has a broken canary',
    }),
    fault: word(breakKinds, {
      value: 'FAULT',
      fallback: undefined,
      about: 'how it is broken, error without it',
    }),
    proxy: freeText({
      value: 'URL',
      range: 'an http:// URL of this machine',
      about: 'a running HAProxy instead of one that is started here; it needs --socket',
    }),
    socket: freeText({
      value: 'PATH|HOST:PORT',
      range: 'a path or an address',
      about: 'the runtime interface of that HAProxy',
    }),
    report: reportOption,
  },
  example: 'npm run canary -- --break payment --fault latency',
  notes:
    'Exit code 0: promoted. 1: rolled back, or the audit found a broken promise. 2: it could not be run. ' +
    'With --proxy, MONGO_URL names the database to audit. docs/canary.md has the reasons.',
} satisfies Command;

/**
 * Reads the settings.
 * @throws {UsageError} when an option is not legal; one sentence names it and its range.
 */
export function readCanarySettings(args: readonly string[]): CanarySettings {
  const { values } = parseCommandLine(canaryCommand, args);
  const stepMs = values.seconds * 1000;
  return {
    running: toRunning(values.proxy, values.socket),
    requests: values.requests,
    rate: values.rate,
    steps: values.steps,
    stepMs,
    longestMs: Math.max(stepMs, values.longest * 1000),
    broken: toBroken(values.break, values.fault),
    report: values.report,
  };
}

function toRunning(proxy: string | undefined, socket: string | undefined): CanarySettings['running'] {
  if (proxy === undefined && socket === undefined) return undefined;
  if (proxy === undefined || socket === undefined)
    throw new UsageError(
      '--proxy and --socket belong together: the door, and the runtime interface behind it.',
    );
  const url = URL.parse(proxy);
  // The load would disturb a shared machine.
  if (url?.protocol !== 'http:' || !/^(127(\.\d+){3}|localhost|\[::1\])$/.test(url.hostname))
    throw new UsageError(`--proxy ${proxy} is not legal: it must be an http:// URL of this machine.`);
  return { url: url.origin, socket };
}

function toBroken(service: ServiceName | undefined, kind: BreakKind | undefined): CanarySettings['broken'] {
  if (service === undefined && kind !== undefined) throw new UsageError('--fault needs --break SERVICE.');
  return service === undefined ? undefined : { service, kind: kind ?? 'error' };
}
