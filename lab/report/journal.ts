/**
 * What a run writes down while it lasts: values over time, marked spans, events; and at its end a report of all of it.
 *
 * A run that fails or is interrupted has its report, too, with what was known until then.
 */
import type { Chart, ChartLine, Fact, Point, Report, ReportEvent, ReportTable, Span } from './report.ts';
import { writeReport } from './report-file.ts';
import { toVersions } from './versions.ts';

/** The journal of one run. */
export interface Journal {
  /** Adds values to the lines of a chart; `null` where none is known. */
  point(chart: ChartName, values: Readonly<Record<string, number | null>>, at?: number): void;
  /** Adds a chart as it is. */
  draw(chart: Chart): void;
  /** Marks a time on every chart that is made of points. */
  mark(span: Span): void;
  note(event: Omit<ReportEvent, 'at'> & { readonly at?: number }): void;
  /** Adds tables, and what became of the orders. */
  know(more: { readonly ledger?: readonly Fact[]; readonly tables?: readonly ReportTable[] }): void;
  /** Writes the report, once; later verdicts change nothing. */
  end(verdict: Report['verdict']): void;
}

/** A chart of a journal. */
export interface ChartName {
  readonly title: string;
  readonly unit: string;
}

/** What a journal is about. */
export interface JournalOptions {
  readonly title: string;
  readonly settings: readonly Fact[];
  /** Where the report is written; without it nothing is. */
  readonly file: string | undefined;
  /** Tells the user where the report is, or why it is nowhere. */
  readonly say: (sentence: string) => void;
  readonly clock?: () => number;
}

/** More are forgotten, the oldest first: the report has fewer still. */
const mostKept = 2000;

/** Opens a journal. */
export function openJournal({ title, settings, file, say, clock = Date.now }: JournalOptions): Journal {
  const charts = new Map<string, { readonly unit: string; readonly lines: Map<string, Point[]> }>();
  const drawn: Chart[] = [];
  const spans: Span[] = [];
  const events: ReportEvent[] = [];
  const tables: ReportTable[] = [];
  let ledger: readonly Fact[] = [];
  let isWritten = false;

  return {
    point({ title, unit }, values, at = clock()) {
      const chart = charts.get(title) ?? { unit, lines: new Map<string, Point[]>() };
      charts.set(title, chart);
      for (const [name, value] of Object.entries(values)) {
        const line = chart.lines.get(name) ?? [];
        chart.lines.set(name, line);
        line.push([at, value]);
      }
    },
    draw: (chart) => void drawn.push(chart),
    mark(span) {
      spans.push(span);
      if (spans.length > mostKept) spans.shift();
    },
    note({ at = clock(), ...event }) {
      events.push({ at, ...event });
      if (events.length > mostKept) events.shift();
    },
    know(more) {
      tables.push(...(more.tables ?? []));
      ledger = more.ledger ?? ledger;
    },
    end(verdict) {
      if (file === undefined || isWritten) return;
      isWritten = true;
      const at = clock();
      try {
        writeReport(file, {
          ...{ title, at, verdict, ledger, settings, tables },
          versions: toVersions(),
          charts: toCharts(),
          events: events.toSorted((one, other) => one.at - other.at),
        });
        say(`The report is ${file}.`);
      } catch (error) {
        say(`The report could not be written: ${error instanceof Error ? error.message : error}`);
      }
    },
  };

  function toCharts(): Chart[] {
    const made = [...charts].map(([title, { unit, lines }]) => ({
      ...{ title, unit, spans },
      lines: [...lines].map(([name, points]): ChartLine => ({ name, points })),
    }));
    return [...made, ...drawn];
  }
}

/** Ends a journal when the process is interrupted, and the process with it. */
export function endOnSignal(journal: Journal, exitCode = 130): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      journal.end({ text: `It was interrupted by ${signal} before its end.`, isGood: null });
      process.exit(exitCode);
    });
  }
}

/** Settings as facts; those that are not given are left out. */
export function toFacts(values: Readonly<Record<string, unknown>>): Fact[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return { name, value: typeof value === 'number' || typeof value === 'boolean' ? value : `${value}` };
  });
}
