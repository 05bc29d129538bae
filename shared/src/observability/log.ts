/**
 * Writes the log: one event, one line, to stderr. On a terminal for people, elsewhere as JSON for machines.
 *
 * stdout carries nothing but what a script waits for (the `ready` line). The pretty form is written here and not by
 * pino's own prettifier, because that runs in a thread and cannot take functions. Whatever a field holds, a line is one
 * line and steers no terminal (plain-text.ts).
 */
import { type DestinationStream, type Logger, pino } from 'pino';
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

/** Writes a line to stdout, for scripts that wait for it. */
export function announce(line: string): void {
  process.stdout.write(`${toPlainLines(line)}\n`);
}

/** Writes a sentence to stderr, for a process that cannot start and so has no log yet. */
export function complain(sentence: string): void {
  process.stderr.write(`${toPlainLines(sentence)}\n`);
}

/** A list of mistakes, or a report, has line breaks of its own. */
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

/** JSON escapes the first 32 characters itself, and outside of texts it has none of the others. */
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

/** A message with line breaks is in a stack as it is: indented, none of them can pass for a line of the log. */
function toIndented(stack: string): string {
  const lines = stack.split('\n');
  return lines.map((line) => `\n    ${toPlainText(line.trim())}`).join('');
}
