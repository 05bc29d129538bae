/** The only writer to the console: the ready line to stdout, everything else to stderr; JSON with `LOG_FORMAT=json`. */
import { writeCrashesAsJson } from '@holdfast/shared/core/crash.ts';

let isJson = false;

/** From now on every line is JSON, those of a crash, too, where `LOG_FORMAT=json` asks for it. */
export function logAsJson(env: NodeJS.ProcessEnv = process.env): void {
  isJson = env.LOG_FORMAT?.trim() === 'json';
  if (isJson) writeCrashesAsJson((fields) => process.stderr.write(toJson(fields)));
}

/** Prints the ready line, which scripts wait for. */
export function printReady(url: string): void {
  const line = `ready ${url}`;
  process.stdout.write(isJson ? toJson({ level: 'info', msg: line }) : `${line}\n`);
}

/** Prints text to stdout. */
export function announce(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Logs a sentence. */
export function logInfo(sentence: string): void {
  const line = isJson ? toJson({ level: 'info', msg: sentence }) : `embedded-mongo: ${sentence}\n`;
  process.stderr.write(line);
}

/** Logs an error with its cause. */
export function logError(sentence: string, cause: unknown): void {
  const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  const json = { level: 'error', msg: sentence, err: { stack: detail } };
  process.stderr.write(isJson ? toJson(json) : `embedded-mongo: ${sentence}: ${detail}\n`);
}

/** In the form of the services' lines. */
function toJson({ level, ...fields }: { level: string; msg: string; [field: string]: unknown }): string {
  return `${JSON.stringify({ level, time: new Date().toISOString(), service: 'database', ...fields })}\n`;
}
