/** The arguments of `npm start`: the number of instances of each service. Everything else is a setting. */
import { inWords, serviceNames } from '../../chain.ts';
import { type Command, parseCommandLine } from '../../shared/src/core/command-line.ts';
import { type Option, UsageError } from '../../shared/src/core/command-options.ts';

/** How many instances of each service; one of those that are not named. */
export type Replicas = Readonly<Record<string, number>>;

/** Instances of one service; the lab shows no more. */
export const maxReplicas = 20;

const example = 'npm start -- --replicas payment=3';

const replicas: Option<Replicas> = {
  value: 'SERVICE=COUNT',
  range: 'a service and a count',
  about:
    'so many instances of a service instead of one; they find each other by themselves. The services are ' +
    `${inWords(serviceNames)}, a count is from 1 to ${maxReplicas}. It may be given once for each service`,
  read(given) {
    const mistakes: string[] = [];
    const counts: Record<string, number> = {};
    for (const text of given) {
      const [service = '', count, ...more] = text.split('=');
      const isLegal = /^\d{1,3}$/.test(count ?? '') && Number(count) >= 1 && Number(count) <= maxReplicas;
      if (service === '' || count === undefined || more.length > 0) {
        mistakes.push(`needs a service and a count, not ${text}, as in ${example}.`);
      } else if (!serviceNames.some((name) => name === service)) {
        mistakes.push(`${text} names no service: it may be ${serviceNames.join(', ')}.`);
      } else if (Object.hasOwn(counts, service)) {
        mistakes.push(`names ${service} twice.`);
      } else if (!isLegal) {
        mistakes.push(`${text} is not legal: the count must be a whole number from 1 to ${maxReplicas}.`);
      } else counts[service] = Number(count);
    }
    if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'));
    return counts;
  },
};

/** How to call it. */
export const startCommand = {
  name: 'npm start',
  does: 'Starts the database, the services and the lab, ready to take an order.',
  options: { replicas },
  example,
  notes: 'Everything else is a setting of the environment: the README lists them.',
  hint: toHint,
} satisfies Command;

/**
 * Reads the arguments.
 * @throws {UsageError} when they make no sense; a sentence for each mistake.
 */
export function parseReplicas(given: readonly string[]): Replicas {
  return parseCommandLine(startCommand, given).values.replicas;
}

/** npm consumes options that are not behind --, and passes only their values. */
function toHint(said: string): string | undefined {
  if (!serviceNames.some((service) => said.startsWith(`${service}=`))) return undefined;
  return `${said} has lost its --replicas: npm passes flags on only behind --, as in ${example}.`;
}
