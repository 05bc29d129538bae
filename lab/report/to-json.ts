/** A report as JSON, within the same limits as the page. */
import { toBounded } from './bounded.ts';
import type { Report } from './report.ts';

/** The report as a file of JSON. */
export function toJson(report: Report): string {
  return `${JSON.stringify(toBounded(report), undefined, 1)}\n`;
}
