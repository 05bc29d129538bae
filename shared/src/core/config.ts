/**
 * Reads settings from the environment: typed, frozen, and every invalid value reported at once with its range.
 *
 * The only reader of `process.env`. A package describes its settings as a table (see hop-settings.ts); the documented
 * list is generated from the same table, so that documented defaults are the real ones.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One setting: its schema, and its description for people. */
export interface Setting<T> {
  readonly schema: z.ZodType<T, string | undefined>;
  readonly about: string;
  /** The default as text, or `required`. */
  readonly fallback: string;
  /** The legal values in words, for messages and docs/reference.md. */
  readonly range: string;
  /** Its value is never shown, not even when it is invalid. */
  readonly isSecret?: true;
  /** The flag that must be on where this one is given: it is for tests, and must not work in production by mistake. */
  readonly needs?: string;
}

/** Settings by the name of their environment variable. */
export type SettingsTable = Record<string, Setting<unknown>>;

/** The values that a table describes. */
export type SettingsOf<T extends SettingsTable> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never;
};

/** The process cannot start: one or more settings are invalid. The message has one line for each. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads every setting of a table.
 *
 * An empty value counts as absent, as in `CHAIN_SVC= npm start`. `NAME_FILE` is the path of a file with the value of
 * NAME, for secrets.
 * @throws {SettingsError} when a value is out of its range, a required one is absent, or one is given without the flag
 *   that it needs; it lists them all.
 */
export function readSettings<T extends SettingsTable>(table: T, env = process.env): SettingsOf<T> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  const needed: [name: string, needs: string][] = [];
  for (const [name, setting] of Object.entries(table)) {
    const text = textOf(name, env);
    const read = setting.schema.safeParse(text);
    if (read.success) values[name] = read.data;
    else problems.push(toMessage(name, setting, text));
    if (read.success && text !== undefined && setting.needs !== undefined) needed.push([name, setting.needs]);
  }
  for (const [name, needs] of needed) if (values[needs] !== true) problems.push(`${name} needs ${needs}=1.`);
  if (problems.length > 0) throw new SettingsError(problems.join('\n'));
  return Object.freeze(values) as SettingsOf<T>;
}

/** The text of a setting, from its variable or its file; an empty one counts as absent. */
function textOf(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const own = env[name]?.trim();
  const file = env[`${name}_FILE`]?.trim();
  if (own || !file) return own || undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (cause) {
    throw new SettingsError(`${name}_FILE names a file that cannot be read.`, { cause });
  }
}

/** The environment for a child process: this one with `changes`; `undefined` removes a name. */
export function environmentWith(changes: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const env = { ...process.env, ...changes };
  for (const [name, value] of Object.entries(env)) if (value === undefined) delete env[name];
  return env;
}

/** Whether every line shall be JSON; asked before the settings are read, since their mistakes are lines, too. */
export function isJsonAsked(env = process.env): boolean {
  return env.LOG_FORMAT?.trim() === 'json';
}

/** A whole number from `min` to `max`, both included. */
export function integer(
  fallback: number,
  { min, max, about }: { min: number; max: number; about: string },
): Setting<number> {
  const schema = numeric(fallback).pipe(z.number().int().min(min).max(max));
  return { schema, about, fallback: `${fallback}`, range: `a whole number from ${min} to ${max}` };
}

/** A number from `min` to `max`, both included; shares are 0 to 1. */
export function decimal(
  fallback: number,
  { min, max, about }: { min: number; max: number; about: string },
): Setting<number> {
  const schema = numeric(fallback).pipe(z.number().min(min).max(max));
  return { schema, about, fallback: `${fallback}`, range: `a number from ${min} to ${max}` };
}

/** `1` or `0`. */
export function flag(fallback: boolean, about: string): Setting<boolean> {
  const schema = z
    .enum(['0', '1'])
    .optional()
    .transform((text) => (text === undefined ? fallback : text === '1'));
  return { schema, about, fallback: fallback ? '1' : '0', range: '1 or 0' };
}

/** One of a closed list of words. */
export function oneOf<const W extends string>(words: readonly W[], fallback: W, about: string): Setting<W> {
  const schema = z
    .enum(words)
    .optional()
    .transform((word) => word ?? fallback) as z.ZodType<W, string | undefined>;
  return { schema, about, fallback, range: words.join(' or ') };
}

/** The form of a text, in a regular expression and in words, and what it is for. */
interface TextOptions {
  readonly form: RegExp;
  readonly range: string;
  readonly about: string;
}

/** Text of a given form; `fallbackInWords` describes a default that depends on the machine. */
export function text(
  fallback: string,
  {
    form,
    range,
    about,
    fallbackInWords = fallback || 'empty',
  }: TextOptions & { readonly fallbackInWords?: string },
): Setting<string> {
  const schema = z
    .string()
    .regex(form)
    .optional()
    .transform((value) => value ?? fallback);
  return { schema, about, fallback: fallbackInWords, range };
}

/** Text that is never shown; empty when absent. */
export function secretText({ form, range, about }: TextOptions): Setting<string> {
  return { ...text('', { form, range, about }), isSecret: true };
}

/** Required text that is never shown. */
export function requiredSecretText({ form, range, about }: TextOptions): Setting<string> {
  const schema = z.string().regex(form) as unknown as z.ZodType<string, string | undefined>;
  return { schema, about, fallback: 'required', range, isSecret: true };
}

function numeric(fallback: number) {
  return z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .optional()
    .transform((value) => (value === undefined ? fallback : Number(value)));
}

/** Whether an invalid value may be shown: a longer one, or one with a user name, may contain a password. */
function isHarmless(value: string): boolean {
  return value.length <= 16 && !value.includes('@');
}

function toMessage(name: string, setting: Setting<unknown>, value: string | undefined): string {
  if (value === undefined) return `${name} is required: ${setting.about} It must be ${setting.range}.`;
  if (setting.isSecret || !isHarmless(value)) {
    return `${name} is not legal: it must be ${setting.range}. Its value is not shown.`;
  }
  return `${name}=${value} is not legal: it must be ${setting.range}.`;
}
