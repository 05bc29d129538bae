/** A duration on a command line, as in `300ms`, `1.5s` or `2m`. */
import { type Option, UsageError } from '@holdfast/shared/core/command-options.ts';

const msPerUnit: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
const mostMs = 3_600_000;

/** Milliseconds of a duration; `undefined` for anything else and for more than an hour. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,7}(?:\.\d{1,3})?)(ms|s|m)$/.exec(text) ?? [];
  const ms = Number(digits) * (msPerUnit[unit] ?? Number.NaN);
  return ms <= mostMs ? ms : undefined;
}

/** A duration as {@link parseDuration} reads it. */
export function toDurationText(ms: number): string {
  return ms >= 1000 ? `${Number((ms / 1000).toFixed(3))}s` : `${Number(ms.toFixed(3))}ms`;
}

/** An option with a duration from a millisecond to `most`; without a fallback it may be absent. */
export function durationOption<F extends string | undefined = undefined>({
  about,
  most = '60m',
  fallback,
}: {
  readonly about: string;
  readonly most?: string;
  readonly fallback?: F;
}): Option<number | (F extends string ? number : undefined)> {
  const range = `a duration with its unit from 1ms to ${most}, as 300ms or 1.5s`;
  return {
    ...{ value: 'TIME', about: `${about}; ${range}`, range },
    ...(fallback === undefined ? {} : { fallback }),
    read(given) {
      const text = given.at(-1) ?? fallback;
      if (text === undefined) return undefined as F extends string ? number : undefined;
      const ms = parseDuration(text);
      if (ms !== undefined && ms >= 1 && ms <= (parseDuration(most) ?? mostMs)) return ms;
      throw toIllegalDuration(text, range);
    },
  };
}

/** What is wrong with a text that is no legal duration. */
export function toIllegalDuration(text: string, range: string): UsageError {
  const isBare = /^\d+(\.\d+)?$/.test(text);
  return new UsageError(
    isBare ? `${text} has no unit: say ${text}ms or ${text}s.` : `${text} is not legal: it must be ${range}.`,
  );
}
