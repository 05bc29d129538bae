/** The settings of one `npm run three-places`, from the command line: bounded, so that no run is endless. */
import { parseArgs } from 'node:util';
import { type PlaceName, placeNames } from './places.ts';
import type { ScenarioSettings } from './scenario.ts';

/** What to compare. */
export interface ThreePlacesSettings extends ScenarioSettings {
  readonly places: readonly PlaceName[];
}

/** How to call it. */
export const usage =
  'Usage: npm run three-places -- [--places chain,haproxy,nginx,haproxy-backup,nginx-backup] [--rate 50] [--warm 10] ' +
  '[--sick 10] [--after 40]; times are seconds.';

/**
 * Reads the settings; `undefined` when only the usage was asked for.
 * @throws {Error} when a flag is not legal; one sentence names it and its range.
 */
export function readThreePlacesSettings(args: readonly string[]): ThreePlacesSettings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      places: { type: 'string', default: placeNames.join(',') },
      rate: { type: 'string', default: '50' },
      warm: { type: 'string', default: '10' },
      sick: { type: 'string', default: '10' },
      after: { type: 'string', default: '40' },
    },
  });
  if (values.help) return undefined;
  return {
    places: [...new Set(values.places.split(','))].map(toPlace),
    ratePerSecond: toNumber('rate', values.rate, 1, 200),
    // The usual share is that of the five seconds before.
    warmMs: toNumber('warm', values.warm, 6, 120) * 1000,
    sickMs: toNumber('sick', values.sick, 2, 120) * 1000,
    afterMs: toNumber('after', values.after, 2, 120) * 1000,
  };
}

function toPlace(word: string): PlaceName {
  const found = placeNames.find((name) => name === word);
  if (found !== undefined) return found;
  throw new TypeError(`--places knows ${placeNames.join(', ')}, not "${word}".`);
}

function toNumber(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new RangeError(`--${flag} ${text} is not legal: it must be a whole number from ${min} to ${max}.`);
}
