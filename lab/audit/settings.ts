/** The options of `npm run audit`. The database is chosen by the environment: see database.ts. */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import { freeText, toggle, wholeNumber } from '@holdfast/shared/core/command-options.ts';
import { usualPendingLimitMs } from './audit.ts';
import { operatorNotes } from './database.ts';

/** What to audit for. */
export interface AuditSettings {
  readonly json: boolean;
  /** Path of a file with what clients were answered. */
  readonly acknowledged: string | undefined;
  readonly atLeast: number;
  readonly pendingLimitMs: number;
}

const most = 999_999_999;

/** How to call it. */
export const auditCommand = {
  name: 'npm run audit',
  does: 'Checks in the database itself that no order was lost, doubled or charged without being shipped. It only reads.',
  options: {
    acknowledged: freeText({
      value: 'FILE',
      range: 'a file',
      about:
        'what clients were told: an id a line, or an id, a tab and 200, 202, 422 (a final one), completed, pending or ' +
        'cancelled; an order must be kept, and still be what was said',
    }),
    'at-least': wholeNumber({
      ...{ min: 0, max: most, fallback: 1 },
      about: 'orders that must be there, 0 lets an empty database pass',
    }),
    'pending-limit': wholeNumber({
      ...{ value: 'SECONDS', min: 0, max: most, fallback: usualPendingLimitMs / 1000 },
      about: 'how long a document may be pending',
    }),
    json: toggle('the report for a machine'),
  },
  example: 'npm run audit -- --at-least 1000',
  notes:
    `${operatorNotes} Exit code 0: every promise is kept. 1: a promise is broken or overdue, ` +
    'a document is dead, or there are too few orders. 2: it cannot read.',
} satisfies Command;

/**
 * Reads the options.
 * @throws {UsageError} when one is not legal.
 */
export function readAuditSettings(args: readonly string[]): AuditSettings {
  const { json, acknowledged, ...rest } = parseCommandLine(auditCommand, args).values;
  return { json, acknowledged, atLeast: rest['at-least'], pendingLimitMs: rest['pending-limit'] * 1000 };
}
