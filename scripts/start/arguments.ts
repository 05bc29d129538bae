/**
 * What stands behind `npm start --`: how many instances of each service are wanted. Everything else is a setting.
 */
import { inWords, serviceNames } from '../../chain.ts';
import { SettingsError } from '../../shared/src/core/config.ts';

/** What was asked for. */
export interface StartArguments {
  readonly help: boolean;
  /** How many instances of each service; one of those that are not named. */
  readonly replicas: Readonly<Record<string, number>>;
}

/** Instances of one service; the lab shows no more. */
export const maxReplicas = 20;

/** What `npm start -- --help` says. */
export const help = `npm start -- [--replicas service=count]...

  --replicas payment=3   three instances of payment instead of one; they find each other by themselves.
                         The services are ${inWords(serviceNames)}, a count is from 1 to ${maxReplicas}.
  --help                 says this

Everything else is a setting of the environment: the README lists them.`;

const example = 'as in npm start -- --replicas payment=3';

/**
 * Reads the arguments; `services` are the names that exist.
 * @throws {SettingsError} when they make no sense; a sentence for each mistake.
 */
export function parseArguments(given: readonly string[], services: readonly string[]): StartArguments {
  const complaints: string[] = [];
  const replicas: Record<string, number> = {};
  let isHelp = false;
  for (let at = 0; at < given.length; at += 1) {
    const [flag, ...rest] = (given[at] ?? '').split('=');
    if (flag === '--help' || flag === '-h') isHelp = true;
    else if (flag === '--replicas') {
      // A flag that follows at once is no value; it is judged on its own.
      const next = given[at + 1]?.startsWith('-') ? undefined : given[at + 1];
      const value = rest.length > 0 ? rest.join('=') : next;
      if (rest.length === 0 && next !== undefined) at += 1;
      complaints.push(...takeReplicas(replicas, value, services));
    } else complaints.push(toStranger(given[at] ?? '', services));
  }
  if (complaints.length > 0) throw new SettingsError(complaints.join('\n'));
  return { help: isHelp, replicas };
}

/** Notes one `service=count`; answers what is wrong with it. */
function takeReplicas(
  replicas: Record<string, number>,
  value: string | undefined,
  services: readonly string[],
): string[] {
  const [service = '', count, ...more] = value?.split('=') ?? [];
  if (service === '' || count === undefined || more.length > 0) {
    const found = value === undefined ? '' : `, not ${value}`;
    return [`--replicas needs a service and a count${found}, ${example}.`];
  }
  if (!services.includes(service)) {
    return [`--replicas ${value} names no service: it may be ${services.join(', ')}.`];
  }
  if (Object.hasOwn(replicas, service)) return [`--replicas names ${service} twice.`];
  const isLegal = /^\d{1,3}$/.test(count) && Number(count) >= 1 && Number(count) <= maxReplicas;
  if (!isLegal) {
    return [`--replicas ${value} is not legal: the count must be a whole number from 1 to ${maxReplicas}.`];
  }
  replicas[service] = Number(count);
  return [];
}

function toStranger(word: string, services: readonly string[]): string {
  // npm keeps flags for itself unless -- stands before them, and passes on only what follows.
  const isLeft = services.some((service) => word.startsWith(`${service}=`));
  if (isLeft) return `${word} has lost its --replicas: npm passes flags on only behind --, ${example}.`;
  return `${word} is not known here: npm start -- --help says what is.`;
}
