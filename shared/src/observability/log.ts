/**
 * Writes the log to stderr, one line for each event: readable on a terminal, JSON elsewhere.
 *
 * stdout has only what a script waits for (the `ready` line). The pretty form is made here and not by pino's prettifier,
 * which runs in a thread and cannot take functions. No field can break a line or control the terminal (plain-text.ts).
 */
import { type DestinationStream, type Logger, pino } from 'pino';
import { type CrashFields, writeCrashesAsJson } from '../core/crash.ts';
import { findMisspelled, toMisspelledSentence } from '../core/misspelled.ts';
import { toPlainText } from './plain-text.ts';

/** A logger of one service. */
export type Log = Logger;

/** How and what to write. */
export interface LogSettings {
  readonly service: string;
  readonly format: 'auto' | 'pretty' | 'json';
  readonly level: string;
  /** Colours in pretty lines; they also need a terminal. */
  readonly color: boolean;
}

/** Creates the log of a service; `out` is stderr unless a test reads it. */
export function createLog(
  settings: LogSettings,
  out: NodeJS.WriteStream | DestinationStream = process.stderr,
): Log {
  const isTerminal = 'isTTY' in out && out.isTTY === true;
  const pretty = settings.format === 'pretty' || (settings.format === 'auto' && isTerminal);
  const color = settings.color && isTerminal;
  const toLine = pretty ? (json: string) => toPrettyLine(json, color) : toPlainJson;
  return pino(
    {
      level: settings.level,
      base: { service: settings.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.err },
    },
    { write: (json: string) => out.write(toLine(json)) },
  );
}

let jsonService: string | undefined;

/**
 * From now on every line of this process is JSON, those of a crash, too: for a service with `LOG_FORMAT=json`, whose lines a
 * collector reads. With `auto` the ready line and the sentence of a failed start stay plain, for scripts and people.
 */
export function speakJson(service: string): void {
  jsonService = service;
  writeCrashesAsJson((fields) => process.stderr.write(toJsonLine(service, fields)));
}

/** Writes a line to stdout, for scripts that wait for it. */
export function announce(line: string): void {
  process.stdout.write(toLine('info', line));
}

/** Writes a sentence to stderr, for a process that cannot start and has no log yet. */
export function complain(sentence: string): void {
  process.stderr.write(toLine('error', sentence));
}

/** Tells of names in the environment that were probably meant for a setting. */
export function warnOfMisspelled(log: Pick<Log, 'warn'>, known: readonly string[]): void {
  for (const one of findMisspelled(known))
    log.warn({ event: 'misspelled', setting: one.said, meant: one.meant }, toMisspelledSentence(one));
}

/** What a line of stdout says: itself, or the message when it is JSON. */
export function toSaid(line: string): string {
  if (!line.startsWith('{"level":')) return line;
  try {
    return String((JSON.parse(line) as { msg?: unknown }).msg ?? line);
  } catch {
    return line; // cut off, or of another program
  }
}

function toLine(level: string, text: string): string {
  if (jsonService === undefined) return `${toPlainLines(text)}\n`;
  return toJsonLine(jsonService, { level, msg: text });
}

/** In the form of pino's lines. */
function toJsonLine(service: string, fields: CrashFields | { level: string; msg: string }): string {
  const { level, ...others } = fields;
  return toPlainJson(JSON.stringify({ level, time: new Date().toISOString(), service, ...others }));
}

/** Keeps the line breaks of a list of mistakes or a report. */
function toPlainLines(text: string): string {
  return text.split('\n').map(toPlainText).join('\n');
}

interface Line {
  readonly level: string;
  readonly time: string;
  readonly service: string;
  readonly msg?: string;
  readonly err?: { readonly stack?: string };
}

const colors: Readonly<Record<string, string>> = { debug: '2', warn: '33', error: '31' };

/** JSON has escaped the first 32 characters; the others occur only inside its strings. */
function toPlainJson(json: string): string {
  return `${toPlainText(json.trimEnd())}\n`;
}

function toPrettyLine(json: string, color: boolean): string {
  const { level, time, service, msg = '', err } = JSON.parse(json) as Line;
  const at = new Date(time).toTimeString().slice(0, 8);
  const stack = err?.stack === undefined || level !== 'error' ? '' : toIndented(err.stack);
  const text = `${at}.${time.slice(20, 23)} ${toPlainText(service).padEnd(8)} ${toPlainText(msg)}${stack}`;
  const code = color ? colors[level] : undefined;
  return code === undefined ? `${text}\n` : `\x1b[${code}m${text}\x1b[0m\n`;
}

/** Indents every line of a stack, so that a message with line breaks cannot forge a line of the log. */
function toIndented(stack: string): string {
  const lines = stack.split('\n');
  return lines.map((line) => `\n    ${toPlainText(line.trim())}`).join('');
}
