/** The pictures of a report: they say their numbers without being seen, and nothing that a stranger wrote is markup. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScale } from '../../../report/figures/axis.ts';
import { drawHeatMap, type HeatMap } from '../../../report/figures/draw-heat-map.ts';
import { drawIntervals } from '../../../report/figures/draw-intervals.ts';
import { drawXy } from '../../../report/figures/draw-xy.ts';
import { toHtml } from '../../../report/to-html.ts';
import { aReport } from './a-report.ts';

const heat: HeatMap = {
  title: 'Failures',
  x: { label: 'threshold', values: [0.2, 0.5] },
  y: { label: 'open', unit: 's', values: [1, 5, 10] },
  cells: [
    [1, 2],
    [3, null],
    [5, 9],
  ],
  unit: '%',
  marked: { x: 0.5, y: 9 },
  lowIsGood: true,
};
const xy = {
  title: 'Goodput',
  x: { label: 'load', unit: 'calls/s' },
  y: { label: 'good', unit: 'calls/s' },
  lines: [
    { name: 'up', points: [[0, 0] as const, [40, 38] as const, [80, 12] as const], dots: true },
    { name: 'down', points: [[80, 12] as const, [40, 5] as const] },
  ],
};
const intervals = {
  title: 'Against today',
  unit: 'failures',
  rows: [{ name: 'first', value: -12, low: -20, high: -3 }],
};

describe('a heat map', () => {
  it('has a cell for each pair, a cross where there is no value, and a ring around the nearest cell to today', () => {
    const svg = drawHeatMap(heat);
    expect(svg.match(/class="heat bad"/g)).toHaveLength(5);
    expect(svg.match(/class="heat-none"/g)).toHaveLength(1);
    expect(svg).toContain('<title>threshold 0.5, open (s) 5: crossed out</title>');
    expect(svg).toContain('fill-opacity="60%"');
    const ring = /class="ring" x="([\d.]+)" y="([\d.]+)"/.exec(svg);
    const cell =
      /open \(s\) 10: 9 %<\/title><rect class="heat bad" fill-opacity="60%" x="([\d.]+)" y="([\d.]+)"/.exec(
        svg,
      );
    expect(ring?.slice(1).map(Number)).toEqual(cell?.slice(1).map((place) => Number(place) + 1.5));
  });

  it('says its numbers in words', () => {
    expect(drawHeatMap(heat)).toContain(
      'aria-label="Failures: threshold against open (s); from 1 % to 9 %; 1 of 6 crossed out; current 9 %"',
    );
  });

  it('gives one value one colour in all maps of one scale', () => {
    const one = drawHeatMap({ ...heat, cells: [[1]], scale: [0, 10] });
    expect(one).toContain('fill-opacity="6%"');
    expect(drawHeatMap({ ...heat, scale: [0, 10] })).toContain(
      '2 %</title><rect class="heat bad" fill-opacity="12%"',
    );
  });

  it('can be drawn without any value', () => {
    const svg = drawHeatMap({ ...heat, cells: heat.cells.map((row) => row.map(() => null)) });
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg).toContain('6 of 6 crossed out');
  });
});

describe('lines', () => {
  it('join their points in the given sequence, also backwards', () => {
    const svg = drawXy(xy);
    const [, up = '', down = ''] = / d="(M[^"]+L[^"]+L[^"]+)".* d="(M[^"]+L[^"]+)"/.exec(svg) ?? [];
    expect(up.split('L')[2]).toBe(down.slice(1).split('L')[0]);
    expect(svg.match(/<circle/g)).toHaveLength(3);
    expect(svg).toContain(
      'Goodput: good (calls/s) over load (calls/s); up at most 38 calls/s, down at most 12 calls/s',
    );
  });

  it('can be drawn without a point', () => {
    expect(drawXy({ ...xy, lines: [{ name: 'none', points: [[Number.NaN, 1]] }] })).not.toMatch(
      /NaN|Infinity|undefined/,
    );
  });
});

describe('intervals', () => {
  it('have a row each and a line at zero', () => {
    const svg = drawIntervals(intervals);
    expect(svg).toContain('aria-label="Against today: first −12 failures (−20 to −3)"');
    expect(svg.match(/class="zero"/g)).toHaveLength(1);
    const far = drawIntervals({ ...intervals, rows: [{ name: 'far', value: -390, low: -400, high: -380 }] });
    expect(far.match(/class="zero"/g)).toHaveLength(1);
  });

  it('can be drawn without a row', () => {
    expect(drawIntervals({ ...intervals, rows: [] })).not.toMatch(/NaN|Infinity|undefined/);
  });
});

it('a scale encloses every value between round ends', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { maxLength: 20 }),
      fc.boolean(),
      (values, zero) => {
        const { ticks, place } = createScale(values, [10, 110], { zero });
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThanOrEqual(10);
        for (const value of values) {
          expect(place(value)).toBeGreaterThanOrEqual(10 - 1e-6);
          expect(place(value)).toBeLessThanOrEqual(110 + 1e-6);
        }
      },
    ),
  );
});

it('a picture stands in the page with its note, and loads nothing', () => {
  const html = toHtml(
    aReport({ figures: [{ title: 'Map', svg: drawHeatMap(heat), note: 'Ringed: today.' }] }),
  );
  expect(html).toContain('<h3>Map</h3>');
  expect(html).toContain('class="ring"');
  expect(html).toContain('<p class="quiet">Ringed: today.</p>');
  expect(html).not.toMatch(/<script|\bstyle=|\bsrc=|href=|url\(|\bon\w+=/i);
});

it('no name in a picture is markup', () => {
  const evil = `</svg></title><script>alert('1')</script>"`;
  const axis = { label: evil, unit: evil };
  for (const svg of [
    drawHeatMap({ ...heat, title: evil, unit: evil, x: { ...heat.x, ...axis }, y: { ...heat.y, ...axis } }),
    drawXy({ title: evil, x: axis, y: axis, lines: [{ name: evil, points: [[1, 2]] }] }),
    drawIntervals({ title: evil, unit: evil, rows: [{ name: evil, value: 1, low: 0, high: 2 }] }),
  ]) {
    expect(svg).not.toMatch(/<script|alert\('1'\)/);
    expect(svg.match(/<\/svg>/g)).toHaveLength(1);
  }
});
