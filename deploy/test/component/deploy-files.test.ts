/** The board, the alert rules and the scrape configuration in deploy/ name only what a real scrape has. */
import { readFileSync } from 'node:fs';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { order } from '../../../order/src/order.ts';
import { createOrder } from '../../../order/test/support/create-order.ts';
import { type Exposition, parseExposition } from '../../../shared/src/observability/exposition.ts';
import { useHops } from '../../../shared/test/support/hops.ts';
import { answer, useNeighbour } from '../../../shared/test/support/neighbour.ts';
import { parsePromql, type Selector } from '../../../shared/test/support/promql.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const neighbour = useNeighbour('file');
const hops = useHops('file');
let scrape: Exposition;

beforeAll(async () => {
  const hop = await hops.start(order, 'order', { CHAIN_SVC: neighbour.url, NEXT_NAME: 'payment' });
  await request(hop.url).post('/create').send(createOrder('o-1'));
  neighbour.behave(answer(500, {}));
  await request(hop.url).get('/orders/o-1?expand=payment');
  scrape = parseExposition((await request(hop.url).get('/metrics')).text);
});

/** What Prometheus itself adds to every sample, and the one series that it makes of a scrape. */
const ofPrometheus = { labels: ['job', 'instance'], up: 'up' } as const;

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Board {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const board: Board = JSON.parse(read('grafana/holdfast.json'));
const rules: Rule[] = parse(read('prometheus/alerts.yaml')).groups.flatMap(
  ({ rules }: { rules: Rule[] }) => rules,
);
const expressions = [
  ...rules.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ...board.annotations.list.map(({ name, expr }) => [`annotation ${name}`, expr] as const),
  ...board.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => [`panel ${title} "${legendFormat}"`, expr] as const),
  ),
];

describe('every expression', () => {
  it.each(expressions)('of %s names metrics, labels and values that exist', (_where, expr) => {
    const { selectors, grouping } = parsePromql(expr);
    expect(selectors.length).toBeGreaterThan(0);
    expect(selectors.flatMap(toFaults)).toEqual([]);
    const known = new Set<string>(selectors.flatMap(({ metric }) => labelsOf(metric)));
    expect(grouping.filter((label) => !known.has(label))).toEqual([]);
  });

  it('would be found out when it named something else', () => {
    const faults = (expr: string) => parsePromql(expr).selectors.flatMap(toFaults);
    expect(faults('breaker_stat')).toEqual(['breaker_stat does not exist']);
    expect(faults('breaker_state{stat="open"}')).toEqual(['breaker_state has no label stat']);
    expect(faults('breaker_state{state=~"open|halfopen"}')).toEqual(['breaker_state has no state halfopen']);
    expect(faults('breaker_state{state="open", breaker=~"$breaker"}')).toEqual([]);
  });
});

describe('the board', () => {
  it('shows nothing twice in one place, and says of each panel what it means', () => {
    const panels = board.panels.filter(({ type }) => type !== 'row');
    expect(panels.filter(({ description = '' }) => description.length < 10)).toEqual([]);
    const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)}/${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...board.panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });

  it('names in a legend only what the expression groups by', () => {
    const lost = board.panels.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr, legendFormat }) => {
        const { grouping } = parsePromql(expr);
        return [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)]
          .map(([, label = '']) => label)
          .filter((label) => !grouping.includes(label))
          .map((label) => `${label} in ${expr}`);
      }),
    );
    expect(lost).toEqual([]);
  });

  it('shows every metric of breakers, the relay and requests', () => {
    const shown = new Set(expressions.flatMap(([, expr]) => parsePromql(expr).selectors.map(toFamily)));
    const own = [...scrape.types.keys()].filter((name) => !/^(process|nodejs|service)_/.test(name));
    expect(own.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('lets a reader choose the source, the service and the breaker', () => {
    expect(board.templating.list.map(({ name }) => name)).toEqual(['datasource', 'service', 'breaker']);
  });
});

describe('docs/metrics.md', () => {
  const page = read('../docs/metrics.md');

  it('explains every metric of ours with its type and labels, and every alert', () => {
    const undocumented = [...scrape.types]
      .filter(([name]) => !/^(process|nodejs)_/.test(name))
      .map(([name, type]) => `| \`${name}\` | ${type} | ${toLabelCell(name)}`)
      .filter((row) => !page.includes(row));
    expect(undocumented).toEqual([]);
    expect(rules.filter(({ alert }) => !page.includes(`| \`${alert}\` |`))).toEqual([]);
  });

  it('asks Prometheus only for what exists', () => {
    const [, questions = ''] = /```promql\n([\s\S]*?)```/.exec(page) ?? [];
    const asked = questions.split('\n\n').map((text) => text.replace(/^#.*\n/, ''));
    expect(asked).toHaveLength(5);
    expect(asked.flatMap((expr) => parsePromql(expr).selectors.flatMap(toFaults))).toEqual([]);
  });
});

describe('the alert rules', () => {
  it('each say what happened and what to do', () => {
    for (const { labels, annotations } of rules) {
      expect(['warning', 'critical']).toContain(labels.severity);
      expect(annotations.summary.length).toBeGreaterThan(20);
      expect(annotations.description.length).toBeGreaterThan(60);
    }
    expect(rules.map(({ alert }) => alert)).toEqual(
      expect.arrayContaining(['BreakerOpen', 'BreakerFlapping', 'PendingTooOld', 'ServiceUnready']),
    );
  });

  it('name in their texts only labels that their expression groups by', () => {
    const lost = rules.flatMap(({ alert, expr, annotations }) => {
      const { grouping } = parsePromql(expr);
      const text = `${annotations.summary} ${annotations.description}`;
      return [...text.matchAll(/\$labels\.(\w+)/g)]
        .map(([, label = '']) => label)
        .filter((label) => !grouping.includes(label))
        .map((label) => `${label} in ${alert}`);
    });
    expect(lost).toEqual([]);
  });
});

describe('the scrape configurations', () => {
  it.each(['prometheus.yaml', 'prometheus.local.yaml'])(
    '%s reads the rules and labels the services',
    (file) => {
      const { rule_files, scrape_configs } = parse(read(`prometheus/${file}`));
      expect(rule_files).toEqual(['alerts.yaml']);
      expect(scrape_configs).toEqual([expect.objectContaining({ job_name: 'holdfast', honor_labels: true })]);
    },
  );

  it('find every service of the containers by its name', () => {
    const compose = parse(read('../docker-compose.yaml'));
    const { dns_sd_configs } = parse(read('prometheus/prometheus.yaml')).scrape_configs[0];
    for (const name of dns_sd_configs[0].names) {
      expect(compose.services[name].environment.PORT).toBe(`${dns_sd_configs[0].port}`);
    }
  });
});

/** A metric's own name, without what a histogram adds. */
function toFamily({ metric }: Selector): string {
  return metric.replace(/_(bucket|sum|count)$/, '');
}

/** The labels of a metric as the page lists them; that of the service and the bound of a bucket are explained once. */
function toLabelCell(name: string): string {
  const [sample] = samplesOf(name).concat(samplesOf(`${name}_count`));
  const labels = Object.keys(sample?.labels ?? {}).filter((label) => label !== 'service');
  return labels.length === 0 ? '|' : `${labels.map((label) => `\`${label}\``).join(', ')} |`;
}

function samplesOf(metric: string) {
  return scrape.samples.filter(({ name }) => name === metric);
}

function labelsOf(metric: string): string[] {
  const own = metric === ofPrometheus.up ? ['service'] : Object.keys(samplesOf(metric)[0]?.labels ?? {});
  return [...ofPrometheus.labels, ...own];
}

function toFaults({ metric, matchers }: Selector): string[] {
  if (metric === ofPrometheus.up) return [];
  if (samplesOf(metric).length === 0) return [`${metric} does not exist`];
  return matchers.flatMap(({ label, sign, value }) => {
    if (!labelsOf(metric).includes(label)) return [`${metric} has no label ${label}`];
    if (sign.startsWith('!') || value.includes('$')) return [];
    const wanted = sign === '=~' ? value.split('|') : [value];
    return wanted
      .filter((one) => !samplesOf(metric).some(({ labels }) => labels[label] === one))
      .map((one) => `${metric} has no ${label} ${one}`);
  });
}
