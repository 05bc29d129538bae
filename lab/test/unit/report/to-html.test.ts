/** The page of a report: everything is in it, nothing of it is markup that a stranger wrote, and its size has a limit. */
import { describe, expect, it } from 'vitest';
import { limits, mostEvents, toBounded } from '../../../report/bounded.ts';
import { toHtml } from '../../../report/to-html.ts';
import { toJson } from '../../../report/to-json.ts';
import { aReport, began } from './a-report.ts';

describe('the page', () => {
  it('has the verdict, the ledger, charts with marked times, tables, events, settings and versions', () => {
    const html = toHtml(aReport());
    for (const part of [
      '<p class="verdict good">No order was lost.</p>',
      '<dt>accepted</dt><dd>1,200</dd>',
      '<title>payment is OPEN, 0:01 to 0:30</title>',
      'aria-label="Answers (orders a second): completed at most 8; marked: payment is OPEN"',
      '<td>payment</td><td class="number">3</td>',
      '<td title="2026-01-02 03:04:06 UTC">0:02</td><td>payment</td><td>ended</td>',
      '<dt>seed</dt><dd>7</dd>',
      '<dt>Node</dt><dd>v24</dd>',
    ])
      expect(html).toContain(part);
  });

  it('draws no line where nothing is known', () => {
    const path = / d="([^"]+)"><title>completed/.exec(toHtml(aReport()))?.[1];
    expect(path?.match(/M/g)).toHaveLength(2);
  });

  it('loads nothing and runs nothing', () => {
    const html = toHtml(aReport());
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|href=|url\(|@import|\bon\w+=/i);
    expect(html).toContain('content="default-src &#39;none&#39;; style-src &#39;sha256-');
  });

  it('can be drawn of nothing but a verdict', () => {
    const empty = { ledger: [], settings: [], tables: [], charts: [], events: [] };
    const html = toHtml(aReport({ ...empty, verdict: { text: 'It could not be run.', isGood: null } }));
    expect(html).toContain('<p class="verdict">It could not be run.</p>');
    expect(html).not.toMatch(/<figure|<table|NaN|undefined|Infinity/);
  });
});

describe('what strangers wrote', () => {
  const evil = `</script></title></style><img src=x onerror="alert('1')">\u202e\u0000`;
  const span = { from: began, to: began + 9, label: evil, tone: 'fault' } as const;
  const report = aReport({
    title: evil,
    verdict: { text: evil, isGood: false },
    ledger: [{ name: evil, value: evil }],
    settings: [{ name: evil, value: evil }],
    versions: [{ name: evil, value: evil }],
    tables: [{ title: evil, note: evil, head: [evil], rows: [[evil]] }],
    charts: [{ title: evil, unit: evil, lines: [{ name: evil, points: [[began, 1]] }], spans: [span] }],
    events: [{ at: began, who: evil, text: evil, level: 'bad' }],
  });

  it('is text everywhere', () => {
    const html = toHtml(report);
    expect(html).not.toMatch(/<\/script|<img|onerror="|\p{Bidi_Control}/u);
    expect(html).not.toContain('\0');
    expect(html.split('&lt;img src=x onerror=&quot;').length - 1).toBeGreaterThanOrEqual(19);
  });

  it('is the same text in JSON', () => {
    expect(JSON.parse(toJson(report)).title).toBe(evil);
  });
});

describe('limits', () => {
  const many = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, n) => make(n));

  it('hold for a report of everything too much', () => {
    const points = many(100_000, (n) => [began + n, n % 17] as const);
    const spans = many(
      5000,
      (n) => ({ from: began + n, to: began + n + 1, label: 'x', tone: 'open' }) as const,
    );
    const chart = { title: 'x', unit: 'x', lines: many(40, (n) => ({ name: `${n}`, points })), spans };
    const cell = 'y'.repeat(10_000);
    const html = toHtml(
      aReport({
        charts: many(3, () => chart),
        tables: [{ title: 'x', head: ['a'], rows: many(9000, () => [cell]) }],
        events: many(100_000, (n) => ({ at: began + n, who: 'x', text: `event ${n}`, level: 'info' })),
      }),
    );
    expect(html.length).toBeLessThan(2_500_000);
    expect(html).toContain('event 99999<');
    expect(html).not.toContain(`event ${100_000 - mostEvents - 1}<`);
  });

  it('keep every peak and every gap', () => {
    const points = many(50_000, (n) => [began + n, n === 31_234 ? 999 : n > 40_000 ? null : 1] as const);
    const { charts } = toBounded(
      aReport({ charts: [{ title: 'x', unit: 'x', lines: [{ name: 'x', points }], spans: [] }] }),
    );
    const kept = charts[0]?.lines[0]?.points ?? [];
    expect(kept.length).toBeLessThanOrEqual(limits.points + 2);
    expect(kept).toContainEqual([began + 31_234, 999]);
    expect(kept.at(-1)?.[1]).toBeNull();
    expect(kept.map(([at]) => at)).toEqual(kept.map(([at]) => at).toSorted((a, b) => a - b));
  });
});
