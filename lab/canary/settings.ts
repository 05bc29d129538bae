/**
 * The settings of one `npm run canary`, from the command line: bounded, so that no run is endless, and on this machine
 * only.
 */
import { parseArgs } from 'node:util';
import { type ServiceName, serviceNames } from '../../chain.ts';
import type { RolloutSettings } from './rollout.ts';

/** How a canary can be broken. */
export const breaks = {
  error: { type: 'error', rate: 0.5 },
  latency: { type: 'latency', ms: 600 },
  hang: { type: 'hang', rate: 0.3 },
  reset: { type: 'reset', rate: 0.5 },
  crash: { type: 'crash', rate: 0.2 },
  unready: { type: 'unready' },
} as const;

/** One way to break it. */
export type BreakKind = keyof typeof breaks;

/** What to do. */
export interface CanarySettings extends RolloutSettings {
  /** A running HAProxy and its runtime interface; absent: everything is started here. */
  readonly running: { readonly url: string; readonly socket: string } | undefined;
  /** Requests of the distribution. 0 to 10,000. @default 400 */
  readonly requests: number;
  /** Orders a second during the rollout. 1 to 200. @default 40 */
  readonly rate: number;
  /** Which service has a broken canary, and how. */
  readonly broken: { readonly service: ServiceName; readonly kind: BreakKind } | undefined;
}

/** How to call it. */
export const usage =
  'Usage: npm run canary -- [--requests 400] [--rate 40] [--steps 5,25,50,100] [--seconds 10] [--longest 60] ' +
  `[--break ${serviceNames.join('|')}] ` +
  '[--fault error|latency|hang|reset|crash|unready] ' +
  '[--proxy http://127.0.0.1:3000 --socket PATH|HOST:PORT]';

/**
 * Reads the settings; `undefined` when only the usage was asked for.
 * @throws {Error} when a flag is not legal; one sentence names it and its range.
 */
export function readCanarySettings(args: readonly string[]): CanarySettings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      proxy: { type: 'string' },
      socket: { type: 'string' },
      requests: { type: 'string', default: '400' },
      rate: { type: 'string', default: '40' },
      steps: { type: 'string', default: '5,25,50,100' },
      seconds: { type: 'string', default: '10' },
      longest: { type: 'string', default: '60' },
      break: { type: 'string' },
      fault: { type: 'string' },
    },
  });
  if (values.help) return undefined;
  const stepMs = toNumber('seconds', values.seconds, 1, 600) * 1000;
  return {
    running: toRunning(values.proxy, values.socket),
    requests: toNumber('requests', values.requests, 0, 10_000),
    rate: toNumber('rate', values.rate, 1, 200),
    steps: toSteps(values.steps),
    stepMs,
    longestMs: Math.max(stepMs, toNumber('longest', values.longest, 1, 600) * 1000),
    broken: toBroken(values.break, values.fault),
  };
}

function toRunning(proxy: string | undefined, socket: string | undefined): CanarySettings['running'] {
  if (proxy === undefined && socket === undefined) return undefined;
  if (proxy === undefined || socket === undefined)
    throw new TypeError(
      '--proxy and --socket belong together: the door, and the runtime interface behind it.',
    );
  const url = URL.parse(proxy);
  // Load is a nuisance to a machine that others use.
  if (url?.protocol !== 'http:' || !/^(127(\.\d+){3}|localhost|\[::1\])$/.test(url.hostname))
    throw new TypeError(`--proxy ${proxy} is not legal: it must be an http:// URL of this machine.`);
  return { url: url.origin, socket };
}

function toSteps(text: string): readonly number[] {
  const steps = text.split(',').map((word) => toNumber('steps', word.trim(), 1, 100));
  const grows = steps.every((step, index) => index === 0 || step > (steps[index - 1] ?? 0));
  if (grows && steps.length <= 10) return steps;
  throw new RangeError(`--steps ${text} is not legal: up to 10 percentages that grow, such as 5,25,50,100.`);
}

function toBroken(service: string | undefined, kind: string | undefined): CanarySettings['broken'] {
  if (service === undefined && kind !== undefined) throw new TypeError('--fault needs --break SERVICE.');
  if (service === undefined) return undefined;
  const found = serviceNames.find((name) => name === service);
  if (found === undefined) throw new TypeError(`--break knows ${serviceNames.join(', ')}, not "${service}".`);
  const names = Object.keys(breaks) as BreakKind[];
  const how = names.find((name) => name === (kind ?? 'error'));
  if (how === undefined) throw new TypeError(`--fault knows ${names.join(', ')}, not "${kind}".`);
  return { service: found, kind: how };
}

function toNumber(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new RangeError(`--${flag} ${text} is not legal: it must be a whole number from ${min} to ${max}.`);
}
