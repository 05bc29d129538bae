/** A report with one of everything. */
import type { Report } from '../../../report/report.ts';

/** When it began. */
export const began = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A report; `more` replaces parts of it. */
export function aReport(more: Partial<Report> = {}): Report {
  return {
    title: 'Chaos, seed 7',
    at: began + 60_000,
    verdict: { text: 'No order was lost.', isGood: true },
    ledger: [
      { name: 'accepted', value: 1200 },
      { name: 'lost', value: 0 },
    ],
    settings: [{ name: 'seed', value: 7 }],
    versions: [{ name: 'Node', value: 'v24' }],
    tables: [{ title: 'Kills', head: ['process', 'kills'], rows: [['payment', '3']], note: 'By chance.' }],
    charts: [
      {
        title: 'Answers',
        unit: 'orders a second',
        lines: [
          {
            name: 'completed',
            points: [
              [began, 4],
              [began + 1000, null],
              [began + 2000, 8],
              [began + 60_000, 2],
            ],
          },
        ],
        spans: [{ from: began + 1000, to: began + 30_000, label: 'payment is OPEN', tone: 'open' }],
      },
    ],
    events: [{ at: began + 1500, who: 'payment', text: 'ended', level: 'bad' }],
    ...more,
  };
}
