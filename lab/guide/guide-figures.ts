/** All tables of docs/choosing-settings.md that are measured, on the services of one seed. */
import {
  toCollapseFigure,
  toDeadlineFigure,
  toDefaultsFigure,
  toErrorsFigure,
  toStormFigure,
} from './crossings.ts';
import { toRegretFigure } from './regret.ts';
import { createServices } from './services.ts';
import { type Figure, toSweepFigures } from './sweeps.ts';

/** How many services, and the seed that chose them; the document says both. */
export const guideServices = Object.freeze({ count: 16, seed: 5 });

/** The tables. */
export function toGuideFigures(): Figure[] {
  const services = createServices(guideServices.count, guideServices.seed);
  return [
    toDefaultsFigure(services),
    ...toSweepFigures(services),
    toCollapseFigure(services),
    toStormFigure(services),
    toErrorsFigure(services),
    toDeadlineFigure(services),
    toRegretFigure(services),
  ];
}
