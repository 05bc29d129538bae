/**
 * Which services `npm run top` watches: those on the command line, else `TOP_SERVICES`, else those of `npm start`.
 */

import { integer, readSettings, text } from '@holdfast/shared/core/config.ts';
import { chain, portOf, startPorts } from '../../chain.ts';

/** The settings of `npm run top`. */
export const topSettings = {
  TOP_SERVICES: text('', {
    form: /^\S+$/,
    range: 'http:// URLs, separated by commas',
    about: 'The services to watch; by default those of npm start.',
  }),
  PORT_BASE: integer(startPorts.base.usual, {
    ...startPorts.base,
    about: 'The PORT_BASE of the running npm start.',
  }),
  NO_COLOR: text('', { form: /.*/s, range: 'any text', about: 'Any value turns colours off.' }),
  TERM: text('', {
    form: /.*/s,
    range: 'any text',
    about: 'Set by the terminal; `dumb` cannot be drawn on.',
  }),
};

/** How to call it, in one sentence. */
export const usage =
  'Usage: npm run top -- [URL of a service …], as in npm run top -- http://127.0.0.1:3000; q quits.';

/** What to watch and how to show it. */
export interface TopPlan {
  /** The services' addresses, without a slash at the end. */
  readonly urls: readonly string[];
  readonly color: boolean;
  /** Whether the terminal can do no more than print lines. */
  readonly dumb: boolean;
}

/** Most services that are watched at once. */
const mostServices = 32;

/**
 * Reads the plan; `undefined` when only the usage was asked for.
 * @throws {Error} when an argument or a setting is not legal; one sentence names the first of them.
 */
export function readTopPlan(args: readonly string[], env?: NodeJS.ProcessEnv): TopPlan | undefined {
  if (args.includes('--help') || args.includes('-h')) return undefined;
  const option = args.find((arg) => arg.startsWith('-'));
  if (option !== undefined) throw new TypeError(`There is no option ${option}. ${usage}`);
  const settings = readSettings(topSettings, env);
  const given = args.length > 0 ? args : settings.TOP_SERVICES.split(',').filter(Boolean);
  const usual = chain.map((service) => `http://127.0.0.1:${portOf(service, settings.PORT_BASE)}`);
  const urls = [...new Set((given.length > 0 ? given : usual).map(parseUrl))];
  if (urls.length > mostServices) throw new RangeError(`At most ${mostServices} services can be watched.`);
  return { urls, color: settings.NO_COLOR === '', dumb: settings.TERM === 'dumb' };
}

function parseUrl(given: string): string {
  const url = URL.parse(given);
  const isPlain = url?.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`"${given}" is not the http:// URL of a service, such as http://127.0.0.1:3000.`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
