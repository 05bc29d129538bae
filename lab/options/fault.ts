/**
 * A fault on a command line, as in `slow:3x:10s`: what happens to the neighbour, how long, from when on, to which instance.
 *
 * Every command that breaks a neighbour reads its `--fault` with this.
 */
import { type Option, UsageError } from '@holdfast/shared/core/command-options.ts';
import type { ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';
import { parseDuration, toDurationText } from './duration.ts';

/** What is broken and how long. */
type Sickness = ScenarioFault extends infer F
  ? F extends unknown
    ? Omit<F, 'fromMs' | 'instance'>
    : never
  : never;

/** A fault as it was given; `fromMs` is `null` where the command decides when it begins. */
export interface GivenFault {
  readonly sickness: Sickness;
  readonly fromMs: number | null;
  readonly instance: number | null;
}

/** The forms of a fault, in words. */
export const faultForms =
  'slow:3x:10s, latency:500ms:10s, down:10s, hang:5s or flaky:30%:10s, with @20s behind it for the moment in which it begins and #0 for one instance alone';

/** Without a moment a fault begins at a quarter of the run, but not later than this. */
const latestBeginMs = 10_000;

/** `--fault FAULT`, any number of times. */
export const faultsOption: Option<readonly GivenFault[]> = {
  value: 'FAULT',
  about: `what happens to the neighbour: ${faultForms}; may come several times`,
  range: faultForms,
  read: (given) => given.map(parseFault),
};

/**
 * Reads a fault.
 * @throws {UsageError} that shows the forms.
 */
export function parseFault(text: string): GivenFault {
  const [, body, marks = ''] = /^([^@#]*)((?:[@#][^@#]*)*)$/.exec(text.trim()) ?? [];
  const sickness = parseSickness(body ?? '');
  const given = { at: null as number | null, instance: null as number | null };
  for (const [mark = ''] of marks.matchAll(/[@#][^@#]*/g)) {
    const key = mark[0] === '@' ? 'at' : 'instance';
    const value = key === 'at' ? parseDuration(mark.slice(1)) : parseIndex(mark.slice(1));
    if (value === undefined || given[key] !== null) throw toIllegal(text);
    given[key] = value;
  }
  if (sickness === undefined) throw toIllegal(text);
  return { sickness, fromMs: given.at, instance: given.instance };
}

/**
 * Gives faults their place in a run.
 * @throws {UsageError} when one begins after the run, or is of an instance that is not there.
 */
export function placeFaults(
  faults: readonly GivenFault[],
  { seconds, instances }: { readonly seconds: number; readonly instances: number },
): ScenarioFault[] {
  return faults.map(({ sickness, fromMs, instance }) => {
    const begin = fromMs ?? Math.min(latestBeginMs, seconds * 250);
    if (begin >= seconds * 1000)
      throw new UsageError(
        `--fault ${sickness.type} begins at ${toDurationText(begin)}, but the run ends after ${seconds} s.`,
      );
    if (instance !== null && instance >= instances)
      throw new UsageError(
        `--fault ${sickness.type} is of instance #${instance}, but the neighbour has ${instances}; the first is #0.`,
      );
    return { ...sickness, fromMs: begin, ...(instance === null ? {} : { instance }) };
  });
}

/** A fault as it would be given. */
export function toFaultText(fault: ScenarioFault): string {
  const strength = {
    slow: () => (fault.type === 'slow' ? `:${fault.factor}x` : ''),
    latency: () => (fault.type === 'latency' ? `:${toDurationText(fault.ms)}` : ''),
    flaky: () => (fault.type === 'flaky' ? `:${Number((fault.ratio * 100).toFixed(2))}%` : ''),
    down: () => '',
    hang: () => '',
  }[fault.type]();
  const instance = fault.instance === undefined ? '' : `#${fault.instance}`;
  return `${fault.type}${strength}:${toDurationText(fault.forMs)}@${toDurationText(fault.fromMs)}${instance}`;
}

function parseSickness(body: string): Sickness | undefined {
  const [type = '', ...rest] = body.split(':');
  const forMs = parseDuration(rest.at(-1) ?? '');
  if (forMs === undefined || forMs === 0) return undefined;
  if (rest.length === 1) return type === 'down' || type === 'hang' ? { type, forMs } : undefined;
  const [strength = ''] = rest;
  if (rest.length !== 2) return undefined;
  if (type === 'slow') {
    const factor = parseNumber(strength, 'x');
    return factor > 1 && factor <= 1000 ? { type, factor, forMs } : undefined;
  }
  if (type === 'latency') {
    const ms = parseDuration(strength) ?? 0;
    return ms > 0 ? { type, ms, forMs } : undefined;
  }
  if (type === 'flaky') {
    const percent = parseNumber(strength, '%');
    return percent > 0 && percent <= 100 ? { type, ratio: percent / 100, forMs } : undefined;
  }
  return undefined;
}

function parseNumber(text: string, unit: string): number {
  const digits = text.endsWith(unit) ? text.slice(0, -unit.length) : '';
  return /^\d{1,4}(\.\d{1,3})?$/.test(digits) ? Number(digits) : Number.NaN;
}

function parseIndex(text: string): number | undefined {
  return /^\d{1,2}$/.test(text) ? Number(text) : undefined;
}

function toIllegal(text: string): UsageError {
  return new UsageError(`${text} is not legal: it must be ${faultForms}.`);
}
