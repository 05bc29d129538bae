/** The pictures of the demonstration: good answers over time, hysteresis, and maps of where a caller does not come back. */
import { drawChart } from '../report/chart-svg.ts';
import { drawHeatMap } from '../report/figures/draw-heat-map.ts';
import { drawXy } from '../report/figures/draw-xy.ts';
import type { Chart, Figure, Span } from '../report/report.ts';
import { remedyName, toHealedMs } from './plan.ts';
import type { Region } from './region.ts';
import type { ArmResult, HysteresisLine, MetastableResult } from './run.ts';

/** A picture with the name of its file. */
export interface NamedFigure extends Figure {
  readonly file: string;
}

/** Good answers and attempts over time, without protection and with; `at` is the beginning of the run. */
export function toTimelines({ arms }: MetastableResult, at = 0): Chart[] {
  return arms.slice(0, 2).map((result) => toTimeline(result, at));
}

/** The pictures, most important first. */
export function toFigures(result: MetastableResult): NamedFigure[] {
  const [bare, remedied] = result.arms;
  const timelines = [
    ...(bare === undefined ? [] : [drawTimeline(bare, 'collapse')]),
    ...(remedied === undefined ? [] : [drawTimeline(remedied, 'saved')]),
  ];
  return [
    ...timelines,
    drawHysteresisFigure(result),
    ...result.regions.map((region) => drawMap(region, result)),
  ];
}

function drawTimeline(result: ArmResult, file: string): NamedFigure {
  const chart = toTimeline(result, 0);
  const svg = drawChart(chart, { from: 0, to: result.arm.scenario.seconds * 1000 });
  const note = `${chart.lines.map(({ name }, index) => `${['Solid', 'dashed', 'dotted'][index] ?? 'other'}: ${name}`).join('; ')}. Shaded: ${chart.spans.map(({ label }) => label).join(', ')}.`;
  return { file, title: chart.title, svg, note };
}

function toTimeline({ arm, model, real }: ArmResult, at: number): Chart {
  const { faults, seconds } = arm.scenario;
  const line = (name: string, values: readonly number[]) => ({
    name,
    points: values.slice(0, seconds).map((value, second) => [at + second * 1000, value] as const),
  });
  const shown = real ?? model;
  const spans: Span[] = faults.map(({ type, fromMs, forMs }) => ({
    ...{ from: at + fromMs, to: at + fromMs + forMs, label: type, tone: 'fault' },
  }));
  return {
    title: arm.name === remedyName ? 'With two attempts, a budget and a breaker' : 'Without protection',
    unit: 'a second',
    lines: [
      line(
        `good answers${real === null ? ', model' : ', real processes'}`,
        shown.perSecond.map(({ good }) => good),
      ),
      line(
        'calls sent to the neighbour',
        shown.perSecond.map(({ sent }) => sent),
      ),
      ...(real === null
        ? []
        : [
            line(
              'good answers, model',
              model.perSecond.map(({ good }) => good),
            ),
          ]),
    ],
    spans,
  };
}

function drawHysteresisFigure({ hysteresis, rates }: MetastableResult): NamedFigure {
  const title = 'Good answers while the load rises and falls again';
  const lines = [
    ...hysteresis.model.map((line) => toXyLine(line, rates, 'model')),
    ...hysteresis.real.map((line) => toXyLine(line, rates, 'real processes')),
  ];
  const svg = drawXy({
    ...{ title, lines },
    x: { label: 'calls', unit: 'a second' },
    y: { label: 'good answers', unit: 'a second' },
  });
  const note =
    'Each line begins at the left, goes up with the load, and comes back: without protection by another way.';
  return { file: 'hysteresis', title, svg, note };
}

function toXyLine({ name, goodput }: HysteresisLine, rates: readonly number[], where: string) {
  const points = rates.map((rate, index) => [rate, goodput[index] ?? 0] as const);
  return { name: `${name}, ${where}`, points, dots: true };
}

function drawMap(
  { name, rates, lengths, backAfter }: Region,
  { settings, regions }: MetastableResult,
): NamedFigure {
  const longest = Math.max(
    1,
    ...regions.flatMap((one) => one.backAfter.flat()).map((seconds) => seconds ?? 0),
  );
  const title = `Seconds until it is back: ${name}`;
  const svg = drawHeatMap({
    title,
    x: { label: 'length of the fault', unit: 's', values: lengths },
    y: { label: 'calls', unit: 'a second', values: rates },
    // One scale for all maps: a second is as pale in each.
    ...{ cells: backAfter, unit: 's', lowIsGood: true, scale: [0, longest] as const },
    marked: {
      x: toHealedMs(settings.faults.slice(0, 1)) / 1000 - (settings.faults[0]?.fromMs ?? 0) / 1000,
      y: settings.ratePerSecond,
    },
  });
  const note = `Crossed out: not back within ${settings.afterSeconds} s after the fault. The ring is the run above. From the model.`;
  return { file: `map-${name.replaceAll(/[^a-z]+/g, '-')}`, title, svg, note };
}
