/** The settings of one `npm run three-places`, from the command line: bounded, so that no run is endless. */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import { wholeNumber, words } from '@holdfast/shared/core/command-options.ts';
import { reportOption } from '../report/report-file.ts';
import { type PlaceName, placeNames } from './places.ts';
import type { ScenarioSettings } from './scenario.ts';

/** What to compare. */
export interface ThreePlacesSettings extends ScenarioSettings {
  readonly places: readonly PlaceName[];
  /** Where the report is written. */
  readonly report: string | undefined;
}

/** How to call it. */
export const threePlacesCommand = {
  name: 'npm run three-places',
  does:
    'Makes one of two instances of payment sick, and compares what the customers notice with the choice between them made ' +
    'by the breakers of order, by HAProxy, and by nginx.',
  options: {
    places: words(placeNames, { value: 'PLACE,…', about: 'what is compared' }),
    rate: wholeNumber({ min: 1, max: 200, fallback: 50, about: 'orders a second' }),
    // The usual share is that of the five seconds before.
    warm: wholeNumber({ min: 6, max: 120, fallback: 10, about: 'seconds before the sickness' }),
    sick: wholeNumber({ min: 2, max: 120, fallback: 10, about: 'seconds of sickness' }),
    after: wholeNumber({ min: 2, max: 120, fallback: 40, about: 'seconds after it' }),
    report: reportOption,
  },
  example: 'npm run three-places -- --places chain,haproxy --rate 20',
  notes:
    'It needs HAProxy and nginx, as of apt-get install haproxy nginx, and checks them first. Exit code 1: an order was lost or doubled. 2: it could not be run. docs/three-places.md ' +
    'has a table with its reading.',
} satisfies Command;

/**
 * Reads the settings.
 * @throws {UsageError} when an option is not legal; one sentence names it and its range.
 */
export function readThreePlacesSettings(args: readonly string[]): ThreePlacesSettings {
  const { places, rate, warm, sick, after, report } = parseCommandLine(threePlacesCommand, args).values;
  return {
    places,
    report,
    ratePerSecond: rate,
    warmMs: warm * 1000,
    sickMs: sick * 1000,
    afterMs: after * 1000,
  };
}
