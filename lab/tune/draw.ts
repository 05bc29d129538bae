/** The result as text: what was tuned, the table of the best three beside today, what never recovers, the verdict, and the settings. */
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import { drawTable } from '../measure/draw-table.ts';
import { toMean } from '../measure/statistics.ts';
import { toFaultText } from '../options/fault.ts';
import { toServiceText } from '../options/service.ts';
import { toCode, toEnvironmentLines } from './as-settings.ts';
import type { Candidate } from './candidate.ts';
import { findCommonGround } from './common-ground.ts';
import { countCalls } from './effort.ts';
import type { TunePlan } from './plan.ts';
import type { SearchResult } from './search.ts';
import { toMsWords, toValueWords } from './setting-words.ts';
import type { SearchedSetting } from './space.ts';
import type { Measures } from './trial.ts';

/** What the columns are called. */
export const places = ['1st', '2nd', '3rd'] as const;

/** What is tuned, in a paragraph. */
export function toTitle({ scenario, source, todayFrom, today, notes }: TunePlan): string {
  const { neighbour, faults, seconds } = scenario;
  const many = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  const deadline = today.deadlineMs === null ? 'no deadline' : `a deadline of ${toMsWords(today.deadlineMs)}`;
  const busy = `${toServiceText(neighbour.serviceMs)} a call`;
  return [
    `${toLoadWords(scenario)} for ${seconds} s, with ${deadline}, to ${many(neighbour.instances, 'instance')} with ${many(neighbour.workers, 'worker')} of ${busy}.`,
    `Fault${faults.length === 1 ? '' : 's'}: ${faults.map(toFaultText).join(', ')}.`,
    `Current settings: ${todayFrom}.`,
    source === 'trace'
      ? 'Replay: closed loop. Arrivals and service times are fitted to the trace and simulated, so that retries feed back; nothing is ranked by recorded outcomes alone.'
      : 'Replay: closed loop in virtual time; the neighbour is as described, not recorded.',
    ...notes,
  ].join('\n');
}

/** The table as text. */
export function drawComparison(
  space: readonly SearchedSetting[],
  found: Pick<SearchResult, 'best' | 'today'>,
): string {
  const { head, rows } = toComparison(space, found);
  return drawTable(head, rows);
}

/** The best beside today: settings, then measures. */
export function toComparison(
  space: readonly SearchedSetting[],
  { best, today }: Pick<SearchResult, 'best' | 'today'>,
): { readonly head: readonly string[]; readonly rows: readonly string[][] } {
  const all = [today, ...best];
  const settings = space.map((setting) => {
    const now = setting.get(today.policy);
    return [
      setting.path,
      ...all.map(({ policy }, index) => {
        const value = setting.get(policy);
        return index > 0 && value === now ? '=' : toValueWords(setting, value);
      }),
    ];
  });
  const measures = measureRows.map(([label, show]) => [label, ...all.map(show)]);
  return { head: ['', 'current', ...places.slice(0, best.length)], rows: [...settings, ...measures] };
}

/** What never recovers, and what does harm, in sentences. */
export function toLosersText(space: readonly SearchedSetting[], first: readonly Candidate[]): string[] {
  const policies = first.map(({ policy }) => policy);
  return (['never recovers', 'fails calls without a fault', 'fails calls in a blip'] as const).flatMap(
    (why) => {
      const failing = first.map(({ disqualified }) => disqualified === why);
      const count = failing.filter(Boolean).length;
      const what = {
        'never recovers': count === 1 ? 'never recovers' : 'never recover',
        'fails calls without a fault': 'would fail calls while the neighbour is well',
        'fails calls in a blip': 'would fail more calls than the current settings in an outage of 300 ms',
      }[why];
      if (count === 0) return why === 'never recovers' ? [`Of ${first.length} settings all recover.`] : [];
      const ground = findCommonGround(space, policies, failing);
      const common =
        ground === null
          ? ''
          : ` ${ground.failing} of them have: ${ground.words} (${ground.all} have in all).`;
      return [`${count} of ${first.length} settings ${what}.${common}`];
    },
  );
}

/** Why each change of the winner is there. */
export function toReasons({
  kept,
  today,
}: Pick<SearchResult, 'kept' | 'today'>): [SearchedSetting, string][] {
  return kept.map(({ setting, without, withIt }) => {
    const now = toValueWords(setting, setting.get(today.policy));
    if (without.disqualified !== null) return [setting, `with ${now}, as now, it ${without.disqualified}`];
    const mean = (of: (one: Measures) => number) =>
      toMean(without.trials.map((one, index) => of(one) - of(withIt.trials[index] ?? one)));
    const failed = Math.round(mean(({ failed }) => failed));
    const wasted = Math.round(mean(({ wasted }) => wasted));
    const harmed = Math.round(mean(({ calm, blip }) => calm.failed + blip.failed));
    const p99 = mean(({ p99Ms }) => p99Ms ?? 0);
    const back = mean(({ recoveredAfterMs }) => recoveredAfterMs ?? 0);
    const said = [
      ...(failed > 0 ? [`${failed.toLocaleString('en')} more calls fail`] : []),
      ...(wasted > 0 ? [`${wasted.toLocaleString('en')} more attempts are in vain`] : []),
      ...(harmed > 0 ? [`${harmed.toLocaleString('en')} more calls fail in the controls`] : []),
      ...(back >= 500 ? [`it is well again ${toMsWords(back)} later`] : []),
      ...(p99 >= 10 ? [`p99 is ${toMsWords(p99)} longer`] : []),
    ];
    const price = toMean(without.prices) - toMean(withIt.prices);
    return [
      setting,
      `with ${now}, as now, ${said.length === 0 ? `it costs ${price.toFixed(1)} points more` : said.join(', ')}`,
    ];
  });
}

/** The winner's settings, as environment and as code. */
export function toSettingsText(policy: Policy): string {
  return [
    'As environment of a service (docs/reference.md):',
    '',
    ...toEnvironmentLines(policy),
    '',
    'As code (shared/src/resilience/README.md):',
    '',
    toCode(policy),
  ].join('\n');
}

/** The load of a scenario in words. */
function toLoadWords(scenario: Scenario): string {
  const { load } = scenario;
  if ('ratePerSecond' in load) return `${load.ratePerSecond} calls a second`;
  return `${Math.round(countCalls(scenario)).toLocaleString('en')} calls`;
}

const measureRows: readonly (readonly [string, (candidate: Candidate) => string])[] = [
  ['calls that fail', ofMean(({ failed }) => failed)],
  ['… of so many', ofMean(({ calls }) => calls)],
  ['rejected while well', ofMean(({ rejectedWhileWell }) => rejectedWhileWell)],
  ['attempts in vain', ofMean(({ wasted }) => wasted)],
  [
    'attempts per call',
    ({ trials }) => toMean(trials.map(({ sent, calls }) => sent / Math.max(1, calls))).toFixed(2),
  ],
  ['p50 of good calls', ofMs(({ p50Ms }) => p50Ms)],
  ['p99 of good calls', ofMs(({ p99Ms }) => p99Ms)],
  ['opens after', ofMs(({ openedAfterMs }) => openedAfterMs)],
  ['well again after', toRecovery],
  ['fail without a fault', ofMean(({ calm }) => calm.failed)],
  ['fail in a blip', ofMean(({ blip }) => blip.failed)],
  ['price', ({ prices }) => toMean(prices).toFixed(1)],
  ['… with neighbours', ({ plateau }) => plateau.toFixed(1)],
];

function ofMean(of: (one: Measures) => number): (candidate: Candidate) => string {
  return ({ trials }) => Math.round(toMean(trials.map(of))).toLocaleString('en');
}

function ofMs(of: (one: Measures) => number | null): (candidate: Candidate) => string {
  return ({ trials }) => {
    const known = trials.flatMap((one) => of(one) ?? []);
    return known.length === 0 ? '–' : toMsWords(toMean(known));
  };
}

function toRecovery({ trials }: Candidate): string {
  const known = trials.flatMap(({ recoveredAfterMs }) => recoveredAfterMs ?? []);
  if (known.length === 0) return 'never';
  const never = trials.length - known.length;
  return `${toMsWords(toMean(known))}${never === 0 ? '' : ` (never in ${never})`}`;
}

/** The command that makes the result again: what was given, and the seed. */
export function toCommand(args: readonly string[], seed: number): string {
  const given = args.includes('--seed') || args.some((one) => one.startsWith('--seed='));
  const quoted = args.map((one) => (/^[\w\-.:@%=/]+$/.test(one) ? one : `'${one.replaceAll("'", "'\\''")}'`));
  return ['npm run tune --', ...quoted, ...(given ? [] : [`--seed ${seed}`])].join(' ');
}
