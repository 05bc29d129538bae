/**
 * `--report FILE` of a command: said at once when the file cannot be written, written in one piece at the end.
 *
 * A reader never sees half of it: it is written beside itself first, then takes the place of the old one.
 */
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { freeText, type Option, UsageError } from '@holdfast/shared/core/command-options.ts';
import type { Report } from './report.ts';
import { toHtml } from './to-html.ts';
import { toJson } from './to-json.ts';

const option = freeText({
  value: 'FILE',
  range: 'a file in a folder that exists',
  about: 'where to write a report to share: JSON when it ends with .json, else one HTML page',
});

/** The option; what cannot be written is a mistake of the command line, before anything runs. */
export const reportOption: Option<string | undefined> = {
  ...option,
  read(given) {
    const file = option.read(given);
    if (file !== undefined) demandWritable(resolve(file));
    return file;
  },
};

/** Writes a report, in the form that the name of the file asks for. */
export function writeReport(file: string, report: Report): void {
  const text = extname(file).toLowerCase() === '.json' ? toJson(report) : toHtml(report);
  const beside = toBeside(file);
  try {
    writeFileSync(beside, text);
    renameSync(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
}

function demandWritable(file: string): void {
  const folder = dirname(file);
  const kind = statSync(file, { throwIfNoEntry: false });
  if (kind?.isDirectory()) throw new UsageError(`${file} is a folder: name a file in it.`);
  const parent = statSync(folder, { throwIfNoEntry: false });
  if (parent === undefined) throw new UsageError(`${file} cannot be written: there is no folder ${folder}.`);
  if (!parent.isDirectory()) throw new UsageError(`${file} cannot be written: ${folder} is no folder.`);
  try {
    // Permissions alone do not tell: root has all of them, and a disk may be read-only.
    writeFileSync(toBeside(file), '');
  } catch {
    throw new UsageError(`${file} cannot be written: nothing may be written to the folder ${folder}.`);
  }
  rmSync(toBeside(file), { force: true });
}

function toBeside(file: string): string {
  return join(dirname(file), `.${basename(file)}.${process.pid}`);
}
