/** The flags of `npm run audit`. The database is chosen by the environment: see database.ts. */
import { parseArgs } from 'node:util';
import { usualPendingLimitMs } from './audit.ts';
import { idSettingsInWords } from './database.ts';

/** What to audit for. */
export interface AuditSettings {
  readonly json: boolean;
  /** Path of a file with what clients were told. */
  readonly acknowledged: string | undefined;
  readonly atLeast: number;
  readonly pendingLimitMs: number;
}

/** How to call it. */
export const usage = `Usage: npm run audit -- [--acknowledged FILE] [--at-least N] [--pending-limit SECONDS] [--json]

  --acknowledged FILE      what clients were told: an id a line, or an id, a tab and 200, 202, 422 (a final one),
                           completed, pending or cancelled; an order must be kept, and still be what was said
  --at-least N             orders that must be there; 1 unless told otherwise, 0 lets an empty database pass
  --pending-limit SECONDS  how long a document may be pending, ${usualPendingLimitMs / 1000} unless told otherwise
  --json                   the report for a machine

It only reads: the database of a running npm start, or MONGO_URL; PORT_BASE and ${idSettingsInWords} are
those of the chain. Exit code 0: every promise is kept. 1: a promise is broken or overdue, a document is dead, or there
are too few orders. 2: it cannot read.`;

/**
 * Reads the flags; `undefined` when only the usage was asked for.
 * @throws {Error} when a flag is not legal; one sentence says which.
 */
export function readAuditSettings(args: readonly string[]): AuditSettings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      json: { type: 'boolean', default: false },
      acknowledged: { type: 'string' },
      'at-least': { type: 'string', default: '1' },
      'pending-limit': { type: 'string', default: `${usualPendingLimitMs / 1000}` },
    },
  });
  if (values.help) return undefined;
  return {
    json: values.json,
    acknowledged: values.acknowledged,
    atLeast: toNumber('at-least', values['at-least']),
    pendingLimitMs: toNumber('pending-limit', values['pending-limit']) * 1000,
  };
}

function toNumber(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RangeError(`--${flag} must be a whole number from 0 on, not "${text}".`);
}
