/**
 * The settings of one breaker: meaning, unit, range and default, and the check that enforces the ranges.
 */
import { InvalidSettingsError, type SettingIssue } from './errors.ts';
import { toPointer } from './json-pointer.ts';

/** When a breaker opens, for how long, and how it probes. */
export interface BreakerSettings {
  /** Share of failed calls above which it opens; exactly this share does not open. Minimum 0, maximum 1 (never opens). @default 0.5 */
  readonly thresholdRatio: number;
  /** Calls that must have ended in the window before the share counts. Minimum 1, maximum 100,000. @default 5 */
  readonly minCalls: number;
  /** Length of the window of outcomes, in ten buckets. Minimum 100, maximum 3,600,000. @default 10000 */
  readonly windowMs: number;
  /** First open period; exact, without jitter. Minimum 10, maximum 3,600,000. @default 10000 */
  readonly openMs: number;
  /** Cap of the open period as it grows; a value below `openMs` means no growth. Minimum 10, maximum 3,600,000. @default 60000 */
  readonly openMaxMs: number;
  /** Factor of the open period per failed probe. Minimum 1, maximum 10. @default 2 */
  readonly openFactor: number;
  /** Share by which a grown period is shortened at random, so that replicas do not probe together. Minimum 0, maximum 0.9. @default 0.1 */
  readonly jitterRatio: number;
  /** Time after which a probe that has not ended counts as a timeout. Minimum 10, maximum 600,000. @default 2000 */
  readonly probeTimeoutMs: number;
  /** Good probes in a row that close it. Minimum 1, maximum 100. @default 1 */
  readonly probeSuccesses: number;
}

/** The default of every setting. */
export const breakerDefaults: BreakerSettings = Object.freeze({
  thresholdRatio: 0.5,
  minCalls: 5,
  windowMs: 10_000,
  openMs: 10_000,
  openMaxMs: 60_000,
  openFactor: 2,
  jitterRatio: 0.1,
  probeTimeoutMs: 2_000,
  probeSuccesses: 1,
});

/** The range of a setting; both ends belong to it. */
export interface SettingRange {
  readonly min: number;
  readonly max: number;
  readonly isInteger: boolean;
}

/** The range of every setting, enforced by {@link parseBreakerSettings}. */
export const breakerRanges: Readonly<Record<keyof BreakerSettings, SettingRange>> = Object.freeze({
  thresholdRatio: { min: 0, max: 1, isInteger: false },
  minCalls: { min: 1, max: 100_000, isInteger: true },
  windowMs: { min: 100, max: 3_600_000, isInteger: true },
  openMs: { min: 10, max: 3_600_000, isInteger: true },
  openMaxMs: { min: 10, max: 3_600_000, isInteger: true },
  openFactor: { min: 1, max: 10, isInteger: false },
  jitterRatio: { min: 0, max: 0.9, isInteger: false },
  probeTimeoutMs: { min: 10, max: 600_000, isInteger: true },
  probeSuccesses: { min: 1, max: 100, isInteger: true },
});

/**
 * Checks untrusted settings and merges them into `base`; a field that is absent or `undefined` keeps its base.
 *
 * @throws {InvalidSettingsError} when a field is unknown, not a number or out of its range; every such field is named.
 */
export function parseBreakerSettings(
  given: object,
  base: BreakerSettings = breakerDefaults,
): BreakerSettings {
  const changes = Object.entries(given).filter(([, value]) => value !== undefined);
  const issues = changes.flatMap(([field, value]) => toIssues(field, value));
  if (issues.length > 0) {
    const detail = issues.map((issue) => `${issue.pointer.slice(1)} ${issue.detail}`).join('; ');
    throw new InvalidSettingsError(`Invalid breaker settings: ${detail}.`, issues);
  }
  return Object.freeze({ ...base, ...Object.fromEntries(changes) });
}

/**
 * How long the breaker stays open after so many failed probes in a row (0 = it has just opened).
 *
 * The first period is exactly `openMs`; later ones grow by `openFactor` up to the cap and are then shortened
 * by up to `jitterRatio`, so the cap holds. `random` returns 0 to 1.
 */
export function toOpenPeriodMs(
  settings: BreakerSettings,
  failedProbes: number,
  random: () => number,
): number {
  if (failedProbes === 0) return settings.openMs;
  const cap = Math.max(settings.openMs, settings.openMaxMs);
  const grown = Math.min(cap, settings.openMs * settings.openFactor ** failedProbes);
  return Math.round(grown * (1 - settings.jitterRatio * random()));
}

/** One setting that changed. */
export interface SettingChange {
  readonly setting: keyof BreakerSettings;
  readonly from: number;
  readonly to: number;
}

/** Lists the settings that differ, in the sequence of `breakerRanges`. */
export function toSettingChanges(from: BreakerSettings, to: BreakerSettings): SettingChange[] {
  const fields = Object.keys(breakerRanges) as (keyof BreakerSettings)[];
  return fields
    .filter((setting) => to[setting] !== from[setting])
    .map((setting) => ({ setting, from: from[setting], to: to[setting] }));
}

function toIssues(field: string, value: unknown): SettingIssue[] {
  const pointer = toPointer([field]);
  if (!Object.hasOwn(breakerRanges, field)) return [{ pointer, detail: 'is not a setting of a breaker' }];
  const { min, max, isInteger } = breakerRanges[field as keyof BreakerSettings];
  const fits =
    typeof value === 'number' && value >= min && value <= max && (!isInteger || Number.isInteger(value));
  if (fits) return [];
  const kind = isInteger ? 'a whole number' : 'a number';
  return [{ pointer, detail: `must be ${kind} from ${min} to ${max}, got ${JSON.stringify(value)}` }];
}
