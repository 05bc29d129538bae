/** `--report FILE`: refused before a run when it cannot be written, and written in one piece after it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { reportOption, writeReport } from '../../../report/report-file.ts';
import { aReport } from './a-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('is one page, or JSON by the name of the file', () => {
  writeFileSync(join(folder, 'run.html'), 'an older one');
  writeReport(join(folder, 'run.html'), aReport());
  writeReport(join(folder, 'run.JSON'), aReport());
  expect(readFileSync(join(folder, 'run.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]+<\/html>\n$/);
  expect(JSON.parse(readFileSync(join(folder, 'run.JSON'), 'utf8')).title).toBe('Chaos, seed 7');
  expect(readdirSync(folder).toSorted()).toEqual(['run.JSON', 'run.html']);
});

it('is refused where no file can be', () => {
  mkdirSync(join(folder, 'sub'));
  const none = join(folder, 'gone', 'x.html');
  expect(() => reportOption.read([none])).toThrow(
    `${none} cannot be written: there is no folder ${join(folder, 'gone')}.`,
  );
  expect(() => reportOption.read([join(folder, 'sub')])).toThrow('is a folder: name a file in it.');
  expect(() => reportOption.read([join(folder, 'run.html', 'x')])).toThrow('run.html is no folder.');
  expect(() => reportOption.read(['/proc/x.html'])).toThrow('nothing may be written to the folder /proc.');
  expect(readdirSync(join(folder, 'sub'))).toEqual([]);
  expect(reportOption.read([join(folder, 'sub', 'x.html')])).toBe(join(folder, 'sub', 'x.html'));
  expect(reportOption.read([])).toBeUndefined();
});
