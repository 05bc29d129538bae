/** A setting and its value in words, as in `breaker opens above 30 %`. */
import type { SearchedSetting, SettingValue } from './space.ts';

/** A setting with its value; with a bound also what is below or above it. */
export function toSettingWords(
  setting: SearchedSetting,
  value: SettingValue,
  bound?: 'or less' | 'or more',
): string {
  const { path } = setting;
  if (value === null && path === 'budget.ratio') return 'no retry budget';
  if (value === null) return path.startsWith('breaker') ? 'no breaker' : 'no bulkhead';
  const isCount = setting.unit !== 'ms' && setting.unit !== 'share';
  const words = bound === 'or less' && isCount ? 'or fewer' : bound;
  const said = [toValueWords(setting, value), ...(words === undefined ? [] : [words])].join(' ');
  return {
    'breaker.thresholdRatio': `breaker opens above ${said}`,
    'breaker.minCalls': `breaker waits for ${said} calls`,
    'breaker.windowMs': `breaker counts ${said}`,
    'breaker.openMs': `breaker stays open for ${said}`,
    'breaker.openMaxMs': `breaker stays open for at most ${said}`,
    attemptTimeoutMs: `attempt timeout of ${said}`,
    attempts: `${said} attempt${said === '1' ? '' : 's'}`,
    'budget.ratio': `retry budget of ${said}`,
    'bulkhead.maxActive': `${said} calls at once`,
    'bulkhead.maxQueued': `${said} calls that wait`,
  }[path];
}

/** The value alone, with its unit. */
export function toValueWords({ path, unit }: SearchedSetting, value: SettingValue): string {
  if (value === null) return 'none';
  if (unit === 'ms') return toMsWords(value);
  if (path === 'breaker.thresholdRatio' && value === 1) return 'never';
  return unit === 'share' ? `${Number((value * 100).toFixed(1))} %` : `${value}`;
}

/** A duration in words: `0.4 ms`, `41 ms`, `1.6 s`. */
export function toMsWords(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(1))} s`;
  return ms > 0 && ms < 10 ? `${Number(ms.toFixed(1))} ms` : `${Math.round(ms)} ms`;
}
