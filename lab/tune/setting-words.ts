/** A setting and its value in words, as in `breaker opens above 30 %`. */
import type { SearchedSetting, SettingValue } from './space.ts';

/** A setting with its value; `bound` follows the value, as in `or less`. */
export function toSettingWords(setting: SearchedSetting, value: SettingValue, bound = ''): string {
  const { path } = setting;
  if (value === null && path === 'budget.ratio') return 'no retry budget';
  if (value === null) return path.startsWith('breaker') ? 'no breaker' : 'no bulkhead';
  const said = [toValueWords(setting, value), ...(bound === '' ? [] : [bound])].join(' ');
  return {
    'breaker.thresholdRatio': `breaker opens above ${said}`,
    'breaker.minCalls': `breaker waits for ${said} calls`,
    'breaker.windowMs': `breaker counts ${said}`,
    'breaker.openMs': `breaker stays open for ${said}`,
    'breaker.openMaxMs': `breaker stays open for at most ${said}`,
    attemptTimeoutMs: `attempt timeout of ${said}`,
    attempts: `${said} attempts`,
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
