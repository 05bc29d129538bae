/**
 * Finds names in the environment that were probably meant for a setting: nobody reads them, and nothing would say so.
 *
 * An environment is full of names of others, so only what is very near counts, or what begins as only our settings do.
 */
import { environmentWith } from './config.ts';
import { nearestOf } from './nearest-word.ts';

/** A name that is no setting, and the setting that was probably meant. */
export interface Misspelled {
  readonly said: string;
  readonly meant: string;
}

/** How only our settings begin; their words are of no other program. */
const ours =
  /^(?:BREAKER|BULKHEAD|ADMISSION|RELAY|RETRY|DISCOVERY|SLOW_START|ATTEMPT_TIMEOUT|SHARED_PROBE)_?[A-Z]/;

/** What shells, npm, Node, Kubernetes and others set. */
const others =
  /^(?:NODE|npm|NPM|VITEST|GIT|LC|XDG|SSH|DOCKER|KUBERNETES|AWS|GITHUB|CI)_|_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_\w+|ADDR|PROTO)$/;

/** Finds them among `names`; `known` are the names of settings, and every other name that the process reads. */
export function findMisspelled(
  known: readonly string[],
  names: readonly string[] = Object.keys(environmentWith({})),
): Misspelled[] {
  const read = new Set(known.flatMap((name) => [name, `${name}_FILE`]));
  return names.flatMap((said) => {
    if (read.has(said) || !/^[A-Z][A-Z0-9_]{2,63}$/.test(said) || others.test(said)) return [];
    // A long name has room for two slips; a short one is soon another word.
    const mostSlips = ours.test(said)
      ? (one: string) => Math.floor(one.length / 2)
      : (one: string) => Math.min(2, Math.floor(one.length / 5));
    const meant = nearestOf(said.replace(/_FILE$/, ''), known, mostSlips);
    return meant === undefined ? [] : { said, meant };
  });
}

/** The sentence for a log. */
export function toMisspelledSentence({ said, meant }: Misspelled): string {
  return `${said} is no setting here and changes nothing; did you mean ${meant}?`;
}
