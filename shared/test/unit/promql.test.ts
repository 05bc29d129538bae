/** The reader of expressions, with which the board and the alert rules are checked. */
import { expect, it } from 'vitest';
import { parsePromql } from '../support/promql.ts';

const metricsOf = (expression: string) => parsePromql(expression).selectors.map(({ metric }) => metric);

it.each([
  ['up', ['up']],
  ['up == 0', ['up']],
  ['sum by (a, b) (x_total)', ['x_total']],
  ['sum(rate(x_total{a="1", b=~"2|3"}[5m])) by (a)', ['x_total']],
  ['a{x="by (b)"} / on (x) group_left (y) b', ['a', 'b']],
  ['count(a == 1) or vector(0)', ['a']],
  ['histogram_quantile(0.99, sum by (le) (rate(h_bucket[$__rate_interval])))', ['h_bucket']],
  ['max_over_time(up[1h:5s]) unless ignoring (z) up offset 5m', ['up', 'up']],
  ['1e3 * a > bool 2.5 and Inf', ['a']],
])('finds the metrics of %s', (expression, metrics) => {
  expect(metricsOf(expression)).toEqual(metrics);
});

it('finds the matchers and the grouping', () => {
  expect(parsePromql('sum by (le, a) (x{a="1", b!~"$b"})')).toEqual({
    selectors: [
      {
        metric: 'x',
        matchers: [
          { label: 'a', sign: '=', value: '1' },
          { label: 'b', sign: '!~', value: '$b' },
        ],
      },
    ],
    grouping: ['le', 'a'],
  });
});

it.each(['sum by (a', 'x{a="1"', 'x{a=1}'])('refuses %s', (expression) => {
  expect(() => parsePromql(expression)).toThrow();
});
