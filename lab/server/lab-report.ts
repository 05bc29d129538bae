/**
 * What the lab knows of the last 30 minutes as a report: the answers of customers, every breaker with the times in which
 * it was not closed and its faults, events, settings.
 *
 * Pure. A second that the lab did not see is a gap.
 */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import { stateNames } from '@holdfast/shared/resilience/breaker-words.ts';
import type {
  Chart,
  ChartLine,
  Fact,
  Point,
  Report,
  ReportEvent,
  ReportTable,
  Span,
} from '../report/report.ts';
import { toVersions } from '../report/versions.ts';
import { toFaultWindows } from './fault-windows.ts';
import type { LabEntry, LabHistory, LabStatus } from './wire.ts';

/** The report over a history; the status has the settings of now. */
export function toLabReport(history: LabHistory, status: LabStatus): Report {
  const { at, entries } = history;
  const faults = toFaultSpans(entries, at);
  const states = Object.entries(history.samples.breakers).map(([key, columns]) => ({
    key,
    spans: toStateSpans(history.samples.at, columns.state, nameOf(key)),
  }));
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
    charts: toCharts(history, states, faults),
    events: entries.map(toEvent).toSorted((one, other) => one.at - other.at),
  };
}

interface BreakerSpans {
  readonly key: string;
  readonly spans: readonly Span[];
}

function toCharts(
  { samples }: LabHistory,
  states: readonly BreakerSpans[],
  faults: readonly Span[],
): Chart[] {
  const { at, customers, pending, breakers } = samples;
  const line = (name: string, values: readonly (number | null)[] = []): ChartLine => ({
    name,
    points: toPoints(at, values),
  });
  const all = [...states.flatMap(({ spans }) => spans), ...faults];
  const { completed, pending: later, refused, failed, unanswered, p50Ms, p99Ms } = customers;
  return [
    {
      ...{ title: 'Answers to customers', unit: 'orders a second', spans: all },
      lines: [
        line('completed', completed),
        line('kept, finished later', later),
        line('refused', refused),
        line('failed', failed),
        line('no answer', unanswered),
      ],
    },
    {
      ...{ title: 'How long customers wait', unit: 'milliseconds', spans: all },
      lines: [line('half wait less (p50)', p50Ms), line('99 of 100 wait less (p99)', p99Ms)],
    },
    {
      ...{ title: 'Pending', unit: 'documents that wait to be handed on', spans: all },
      lines: Object.entries(pending).map(([name, counts]) => line(name, counts)),
    },
    ...Object.entries(breakers).flatMap(([key, columns]): Chart[] => {
      const spans = [...(states.find((one) => one.key === key)?.spans ?? []), ...faults];
      return [
        {
          ...{ title: `Calls of ${nameOf(key)}`, unit: 'calls a second', spans },
          lines: [
            line('ok', columns.ok),
            line('failed', columns.failed),
            line('rejected at once', columns.rejected),
            line('sent by the relay', columns.relay),
          ],
        },
      ];
    }),
  ].filter(({ lines }) => lines.length > 0);
}

/** From the first sample to the last, in words. */
function toLength(at: readonly number[]): string {
  const seconds = ((at.at(-1) ?? 0) - (at[0] ?? 0)) / 1000;
  return seconds < 120 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
}

/** The values with their times; after a second that is missing a gap. */
function toPoints(at: readonly number[], values: readonly (number | null)[]): Point[] {
  return at.flatMap((second, index): Point[] => {
    const before = at[index - 1];
    const point: Point = [second, values[index] ?? null];
    return before !== undefined && second - before > 2500 ? [[before + 1000, null], point] : [point];
  });
}

/** The times in which a breaker was in one state that is not closed. */
function toStateSpans(
  at: readonly number[],
  states: readonly (BreakerState | null)[] = [],
  name: string,
): Span[] {
  const spans: (Span & { readonly state: BreakerState })[] = [];
  for (const [index, state] of states.entries()) {
    const second = at[index] ?? 0;
    const last = spans.at(-1);
    if (last !== undefined && last.state === state && second - last.to <= 1500)
      spans[spans.length - 1] = { ...last, to: second };
    else if (state !== null && state !== 'closed') {
      const label = `${name} ${stateNames[state]}`;
      spans.push({ state, from: second - 1000, to: second, label, tone: toneOf(state) });
    }
  }
  return spans.map(({ state: _state, ...span }) => span);
}

function toneOf(state: BreakerState): Span['tone'] {
  if (state === 'half_open') return 'half-open';
  return state.endsWith('open') ? 'open' : 'other';
}

/** A fault that goes on is marked until now. */
function toFaultSpans(entries: readonly LabEntry[], now: number): Span[] {
  return toFaultWindows(entries).map((window) => ({
    ...window,
    to: Math.min(window.to, now),
    tone: 'fault',
  }));
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

/** The key without the place, which is an address of the machine. */
function nameOf(key: string): string {
  return key.split('/').slice(2).join('/');
}
