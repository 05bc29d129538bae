/**
 * Which services `npm run top` watches: those on the command line, else `TOP_SERVICES`, else those of `npm start`.
 */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
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

/** Services that are watched at once. */
const maxServices = 32;

/** How to call it. */
export const topCommand = {
  name: 'npm run top',
  does: 'Shows the breakers of a running chain as a live table in the terminal; q quits. It only reads.',
  options: {},
  operands: {
    value: 'URL',
    what: 'service',
    about: `the services to watch, at most ${maxServices}; without one TOP_SERVICES, or those of npm start`,
    count: 'many',
  },
  example: 'npm run top -- http://127.0.0.1:3000',
  notes:
    'Where no terminal is, it prints the table once: exit code 0, or 1 when no service answered. Settings: TOP_SERVICES, ' +
    'PORT_BASE (that of npm start), NO_COLOR.',
} satisfies Command;

/** What to watch and how to show it. */
export interface TopPlan {
  /** The services' addresses, without a slash at the end. */
  readonly urls: readonly string[];
  readonly color: boolean;
  /** Whether the terminal can do no more than print lines. */
  readonly dumb: boolean;
}

/**
 * Reads the plan.
 * @throws {Error} when an argument or a setting is not legal; one sentence names the first of them.
 */
export function readTopPlan(args: readonly string[], env?: NodeJS.ProcessEnv): TopPlan {
  const { operands } = parseCommandLine(topCommand, args);
  const settings = readSettings(topSettings, env);
  const given = operands.length > 0 ? operands : settings.TOP_SERVICES.split(',').filter(Boolean);
  const usual = chain.map((service) => `http://127.0.0.1:${portOf(service, settings.PORT_BASE)}`);
  const urls = [...new Set((given.length > 0 ? given : usual).map(parseUrl))];
  if (urls.length > maxServices) throw new RangeError(`At most ${maxServices} services can be watched.`);
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
