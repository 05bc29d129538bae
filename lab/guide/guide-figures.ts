/** All tables of docs/choosing-settings.md that are measured, on the services of one seed. */
import {
  toCollapseFigure,
  toDeadlineFigure,
  toDefaultsFigure,
  toErrorsFigure,
  toStormFigure,
} from './crossings.ts';
import { toRegretFigure } from './regret.ts';
import { toExampleFigure, toRulesFigure } from './rules-figures.ts';
import { createServices } from './services.ts';
import { type Figure, toSweepFigures } from './sweeps.ts';

/** How many services, and the seed that chose them; the document says both. */
const guideServices = Object.freeze({ count: 16, seed: 5 });

/** The services that the document works out. */
const exampleLines = [
  '--rate 80 --p50 40ms --p99 120ms --deadline 2s --instances 2',
  '--rate 12 --p50 180ms --p99 900ms --deadline 3s --instances 3',
] as const;

/** The tables. */
export function toGuideFigures(): Figure[] {
  const services = createServices(guideServices.count, guideServices.seed);
  return [
    toRulesFigure(),
    toExampleFigure('example', exampleLines[0], { trials: true }),
    toExampleFigure('second', exampleLines[1], { trials: false }),
    toDefaultsFigure(services),
    ...toSweepFigures(services),
    toCollapseFigure(services),
    toStormFigure(services),
    toErrorsFigure(services),
    toDeadlineFigure(services),
    toRegretFigure(services),
  ];
}
