/** The name of a hop, as in `order→payment`: whose calls are meant. */
import { type Option, UsageError } from '@holdfast/shared/core/command-options.ts';

/** What a hop must be, in words. */
export const hopRange = 'caller and neighbour, as order→payment';

/** Whether a text is the name of a hop. */
export function isHop(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z0-9-]{0,31}→[a-z][a-z0-9-]{0,31}$/.test(value);
}

/** `--for HOP`; `->` will do for the arrow, which is hard to type. */
export function hopOption(about: string): Option<string | undefined> {
  return {
    ...{ value: 'HOP', about, range: hopRange },
    read(given) {
      const text = given.at(-1);
      const hop = text?.replace('->', '→');
      if (hop === undefined || isHop(hop)) return hop;
      throw new UsageError(`${text} is not legal: it must be ${hopRange}.`);
    },
  };
}
