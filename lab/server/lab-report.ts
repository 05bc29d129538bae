/**
 * What the lab knows of the last 30 minutes as a report: verdict, ledger, settings, events. Pure.
 *
 * Its charts are made by lab-report-charts.ts.
 */
import { stateNames } from '@holdfast/shared/resilience/breaker-words.ts';
import type { Fact, Report, ReportEvent, ReportTable } from '../report/report.ts';
import { toVersions } from '../report/versions.ts';
import { toCharts } from './lab-report-charts.ts';
import type { LabEntry, LabHistory, LabStatus } from './wire.ts';

/** The report over a history; the status has the settings of now. */
export function toLabReport(history: LabHistory, status: LabStatus): Report {
  const { at, entries } = history;
  return {
    title: `Holdfast: ${toLength(history.samples.at)} of a chain`,
    at,
    verdict: toVerdict(history, status),
    ledger: toLedger(status),
    settings: [
      {
        name: 'traffic',
        value: status.traffic.on ? `${status.traffic.ratePerSecond} orders a second` : 'off',
      },
      { name: 'instances', value: status.services.map(({ name }) => name).join(', ') },
    ],
    versions: toVersions(),
    tables: toBreakerTable(status),
    charts: toCharts(history),
    events: entries.map(toEvent).toSorted((one, other) => one.at - other.at),
  };
}

/** From the first sample to the last, in words. */
function toLength(at: readonly number[]): string {
  const seconds = ((at.at(-1) ?? 0) - (at[0] ?? 0)) / 1000;
  return seconds < 120 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
}

function toEvent(entry: LabEntry): ReportEvent {
  const { at, origin } = entry;
  const what = entry.event === 'transition' ? entry.why : entry.text;
  const text = 'name' in entry ? `${entry.name}: ${what}` : what;
  return { at, who: origin, text, level: toLevel(entry) };
}

function toLevel(entry: LabEntry): ReportEvent['level'] {
  if (entry.event === 'transition') {
    if (entry.to === 'closed') return 'good';
    return entry.to === 'open' || entry.to === 'forced_open' ? 'bad' : 'info';
  }
  if (entry.event === 'fault') return entry.change === 'off' ? 'good' : 'bad';
  return ('level' in entry && entry.level) || 'info';
}

function toBreakerTable({ services }: LabStatus): ReportTable[] {
  const breakers = services.flatMap(({ status }) => status?.breakers ?? []);
  const settings = [...new Set(breakers.flatMap(({ config }) => Object.keys(config ?? {})))];
  if (breakers.length === 0) return [];
  return [
    {
      title: 'Breakers',
      note: 'The settings are those of the moment at which the report was made.',
      head: ['setting', ...breakers.map(({ name }) => name)],
      rows: [
        ['state', ...breakers.map(({ state }) => stateNames[state])],
        ...settings.map((setting) => [
          setting,
          ...breakers.map(({ config }) => `${(config as unknown as Record<string, unknown>)[setting] ?? ''}`),
        ]),
      ],
    },
  ];
}

const ledgerNames = [
  'accepted',
  'completed',
  'cancelled',
  'pending',
  'dead',
  'lost',
  'doubled',
  'disagreement',
  'chargedNotShipped',
] as const;

/** The lab's own ledger; what it does not know is left out. */
function toLedger({ ledger }: LabStatus): Fact[] {
  return ledgerNames.flatMap((name) => {
    const value = ledger?.[name] ?? null;
    return value === null ? [] : { name, value };
  });
}

/** What customers got, how often breakers opened, and whether an order is lost. */
function toVerdict({ samples, entries }: LabHistory, status: LabStatus): Report['verdict'] {
  const { completed, pending, refused, failed, unanswered } = samples.customers;
  const sum = (column: readonly (number | null)[] = []) =>
    column.reduce<number>((all, one) => all + (one ?? 0), 0);
  const [done, later, bad] = [sum(completed), sum(pending), sum(failed) + sum(unanswered)];
  const all = done + later + bad + sum(refused);
  const customers =
    all === 0
      ? 'The lab sent no order.'
      : `Of ${count(all)} answers to customers ${count(done)} were completed, ${count(later)} kept and finished later, ${count(bad)} failed.`;
  const opened = entries.filter(
    (entry) => entry.event === 'transition' && entry.from === 'closed' && entry.to === 'open',
  );
  const times = opened.length === 0 ? 'No breaker opened.' : `Breakers opened ${toTimes(opened.length)}.`;
  const { lost = null, doubled = null, disagreement, chargedNotShipped, notAudited } = status.ledger ?? {};
  const said = `${customers} ${times}`;
  if (lost === null || doubled === null)
    return { text: notAudited ? `${said} Not audited: ${notAudited}` : said, isGood: null };
  const isGood = lost + doubled + (disagreement ?? 0) + (chargedNotShipped ?? 0) === 0;
  return { text: `${said} Lost ${lost}, doubled ${doubled}.`, isGood };
}

function toTimes(number: number): string {
  return number === 1 ? 'once' : `${count(number)} times`;
}

function count(number: number): string {
  return number.toLocaleString('en');
}
