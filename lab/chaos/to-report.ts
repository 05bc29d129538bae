/** What the runs of chaos add to their report: verdicts in one sentence, and tables. */
import type { ReportTable } from '../report/report.ts';
import type { OverloadResult } from './overload.ts';
import type { ChaosResult } from './run.ts';
import type { SoakResult } from './soak.ts';

/** The tables of a run with kills. */
export function toChaosTables({ answers, disruptions, faults, violations }: ChaosResult): ReportTable[] {
  const { kills, pauses } = disruptions;
  return [
    toAnswerTable(Object.fromEntries(answers)),
    {
      title: 'Disruptions',
      head: ['process', 'kills', 'pauses'],
      rows: Object.keys(kills).map((name) => [
        name,
        `${kills[name as keyof typeof kills]}`,
        `${pauses[name as keyof typeof pauses]}`,
      ]),
    },
    {
      title: 'Messages that went astray',
      head: ['fault', 'messages'],
      rows: Object.entries(faults).map(([fault, count]) => [fault, `${count}`]),
    },
    ...toViolationTable(violations),
  ];
}

/** The tables of an overload. */
export function toOverloadTables(result: OverloadResult): ReportTable[] {
  const { capacity, offered, kept, goodput, normalAfterMs, calm, refused, admitted, polite } = result;
  const whole = (value: number) => value.toFixed(0);
  return [
    {
      title: 'Load',
      head: ['what', 'value'],
      rows: [
        ['capacity, orders a second', whole(capacity)],
        ['offered, orders a second', whole(offered)],
        ['accepted, orders a second', whole(kept)],
        ['completed within a second, orders a second', whole(goodput)],
        ['normal again after, ms', whole(normalAfterMs)],
      ],
    },
    {
      title: 'Latency',
      head: ['of', 'p50 ms', 'p99 ms'],
      rows: Object.entries({
        'before the overload': calm,
        admitted,
        refused,
        'a polite customer': polite,
      }).map(([name, { p50, p99 }]) => [name, whole(p50), whole(p99)]),
    },
    toAnswerTable(result.answers),
    ...toViolationTable(result.violations),
  ];
}

/** The tables of a soak. */
export function toSoakTables({ services, violations }: SoakResult): ReportTable[] {
  return [
    {
      title: 'Growth',
      head: ['service', 'MB early', 'MB late', 'files early', 'files late'],
      rows: services.map(({ name, earlyMb, lateMb, earlyFiles, lateFiles }) => [
        name,
        ...[earlyMb, lateMb, earlyFiles, lateFiles].map((value) => `${value}`),
      ]),
    },
    ...toViolationTable(violations),
  ];
}

/** Answers by status. */
export function toAnswerTable(answers: Readonly<Record<string, number>>): ReportTable {
  return {
    title: 'Answers',
    head: ['status', 'answers'],
    rows: Object.entries(answers).map(([status, count]) => [status === '0' ? 'none' : status, `${count}`]),
  };
}

/** What was not as promised; no table where all was. */
export function toViolationTable(violations: readonly string[]): ReportTable[] {
  if (violations.length === 0) return [];
  return [{ title: 'Violations', head: ['what'], rows: violations.map((violation) => [violation]) }];
}

/** The verdict over a run. */
export function toVerdict(
  violations: readonly string[],
  good: string,
  weaknesses: readonly string[] = [],
): { readonly text: string; readonly isGood: boolean } {
  if (violations.length > 0) {
    const count = violations.length === 1 ? 'One promise was' : `${violations.length} promises were`;
    return { text: `${count} broken: ${violations[0]}`, isGood: false };
  }
  if (weaknesses.length > 0) return { text: `It proves nothing. ${weaknesses.join(' ')}`, isGood: false };
  return { text: good, isGood: true };
}
