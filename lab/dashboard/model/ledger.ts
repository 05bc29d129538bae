/** The sentences of the ledger. What nobody has counted or checked is said to be unknown. */
import type { LabLedger } from '../../server/wire.ts';
import { toWholeSeconds } from './format.ts';

/** Whether the audit is right and how old it is: `audited 2 s ago`. */
export function toAuditWords(book: LabLedger | undefined, now: number): string {
  if (book === undefined) return 'no data';
  const { auditedAt, notAudited } = book;
  const age = auditedAt === null ? undefined : `audited ${toWholeSeconds(Math.max(0, now - auditedAt))} ago`;
  return [age, notAudited].filter((words) => words != null).join('; ');
}

/** What is wrong, in a sentence; `undefined` when nothing is. */
export function toLedgerTrouble({
  lost,
  doubled,
  disagreement,
  chargedNotShipped,
}: LabLedger): string | undefined {
  const found = [
    [lost, 'lost'],
    [doubled, 'doubled'],
    [chargedNotShipped, 'charged and not shipped'],
    [disagreement, 'in disagreement'],
  ] as const;
  const words = found.flatMap(([count, what]) => ((count ?? 0) > 0 ? [`${count} ${what}`] : []));
  return words.length === 0 ? undefined : `A promise is broken: ${words.join(', ')}.`;
}

/** The whole ledger for a screen reader. */
export function toLedgerSentence(book: LabLedger | undefined, now: number): string {
  if (book?.accepted == null) return 'How many orders there are is not known.';
  const { accepted, completed, cancelled, pending, dead, lost, doubled } = book;
  const deadWords = (dead ?? 0) > 0 ? `, ${dead} put aside` : '';
  const audit =
    lost === null || doubled === null
      ? 'Whether any is lost or doubled is not known'
      : `${lost} lost, ${doubled} doubled`;
  return `${accepted} orders accepted: ${completed} completed, ${cancelled} cancelled, ${pending} pending${deadWords}. ${audit}; ${toAuditWords(book, now)}.`;
}
