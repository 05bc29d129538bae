/**
 * The arguments of a command, described as a table: how each is read, its range, its default and its meaning.
 *
 * The same table makes the help, so that a documented default cannot drift from the real one. Every mistake is reported
 * at once, one a line; an unknown option is answered with the nearest known one.
 */
import { parseArgs } from 'node:util';
import { type Option, UsageError } from './command-options.ts';
import { nearestOf } from './nearest-word.ts';

/** A command as its user sees it. */
export interface Command {
  /** How it is called, as in `npm run bench`. */
  readonly name: string;
  readonly does: string;
  readonly options: Readonly<Record<string, Option<unknown>>>;
  /** Words without an option: exactly one, or any number of them. Without this none is legal. */
  readonly operands?: {
    /** In the help, as in `FILE`. */
    readonly value: string;
    /** What one of them is, as in `file`. */
    readonly what: string;
    readonly about: string;
    readonly count: 'one' | 'many';
  };
  readonly example: string;
  /** What else belongs in the help: settings, exit codes. */
  readonly notes?: string;
  /** A better answer to a word that is not legal. */
  readonly hint?: (said: string) => string | undefined;
}

/** What a command line says. */
export interface CommandLine<C extends Command> {
  readonly values: {
    readonly [K in keyof C['options']]: C['options'][K] extends Option<infer T> ? T : never;
  };
  readonly operands: readonly string[];
}

/** Where a command writes, and how it ends. */
export interface Terminal {
  announce(text: string): void;
  complain(text: string): void;
  end(code: number): never;
}

/** Reads the arguments of this process with `read`; ends it with 0 after the help, with 2 after a bad call. */
export function readArguments<T>(
  command: Command,
  read: (args: readonly string[]) => T,
  { announce, complain, end = process.exit }: Omit<Terminal, 'end'> & Partial<Terminal>,
  args: readonly string[] = process.argv.slice(2),
): T {
  if (args.includes('--help') || args.includes('-h')) {
    announce(toHelp(command));
    return end(0);
  }
  try {
    return read(args);
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return end(2);
  }
}

/**
 * Reads a command line.
 * @throws {UsageError} with every mistake.
 */
export function parseCommandLine<const C extends Command>(
  command: C,
  args: readonly string[],
): CommandLine<C> {
  const given = new Map<string, string[]>();
  const words: string[] = [];
  const mistakes: string[] = [];
  let isAfterUnknown = false;
  for (const token of tokensOf(command, args)) {
    if (token.kind === 'positional') {
      if (command.operands !== undefined) words.push(token.value);
      // What follows an unknown option is probably its value.
      else if (!isAfterUnknown) mistakes.push(command.hint?.(token.value) ?? toUnknown(command, token.value));
    }
    isAfterUnknown = false;
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(command.options, token.name) ? command.options[token.name] : undefined;
    const { value = '' } = token;
    if (option === undefined && token.name === 'help') {
      mistakes.push('--help takes no value.'); // without one it was answered before
    } else if (option === undefined) {
      mistakes.push(toUnknown(command, token.rawName));
      isAfterUnknown = true;
    } else if (option.value === undefined && token.value !== undefined) {
      mistakes.push(`${token.rawName} takes no value.`);
    } else if (option.value !== undefined && isMissing(token)) {
      mistakes.push(toMissing(command, token.name, option));
    } else given.set(token.name, [...(given.get(token.name) ?? []), value]);
  }
  const { operands } = command;
  if (operands?.count === 'one' && words.length !== 1 && mistakes.length === 0)
    mistakes.push(`Say which ${operands.what}: ${command.name} -- ${operands.value}`);
  const values: Record<string, unknown> = {};
  const illegal: string[] = [];
  for (const [key, option] of Object.entries(command.options)) {
    try {
      values[key] = option.read(given.get(key) ?? []);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      illegal.push(...error.message.split('\n').map((line) => `--${key} ${line}`));
    }
  }
  if (illegal.length + mistakes.length > 0) throw new UsageError([...illegal, ...mistakes].join('\n'));
  return { values: values as CommandLine<C>['values'], operands: words };
}

/** What `--help` prints. */
export function toHelp(command: Command): string {
  const { name, does, options, operands, example, notes } = command;
  const rows = [
    ...(operands === undefined ? [] : [[operands.value, operands.about] as const]),
    ...Object.entries(options).map(([key, option]) => [toForm(key, option), toMeaning(option)] as const),
    ['--help', 'says this'] as const,
  ];
  const width = Math.max(...rows.map(([form]) => form.length));
  const lines = rows.map(([form, about]) => `  ${form.padEnd(width)}  ${wrap(about, width + 4)}`);
  const synopsis = toSynopsis(command);
  return [
    `Usage: ${[name, ...(synopsis === '' ? [] : ['--', synopsis])].join(' ')}`,
    wrap(does),
    lines.join('\n'),
    `Example: ${example}`,
    ...(notes === undefined ? [] : [wrap(notes)]),
  ].join('\n\n');
}

/** Not strict: parseArgs reports the first mistake only, and suggests no other name. */
function tokensOf({ options }: Command, args: readonly string[]) {
  const types = Object.entries(options).map(
    ([key, { value }]) => [key, { type: value === undefined ? 'boolean' : 'string' }] as const,
  );
  return parseArgs({
    ...{ args: [...args], strict: false, allowPositionals: true, tokens: true },
    options: Object.fromEntries(types),
  }).tokens;
}

/** Another option in the place of a value is a value that was forgotten; a negative number is one that is not legal. */
function isMissing({
  value,
  inlineValue,
}: {
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}) {
  return value === undefined || (inlineValue === false && /^-\D/.test(value));
}

function toMissing({ example }: Command, key: string, { range }: Option<unknown>): string {
  return `--${key} needs ${range}${example.includes(`--${key}`) ? `, as in ${example}` : ''}.`;
}

function toUnknown({ name, options }: Command, said: string): string {
  const nearest = said.startsWith('--')
    ? nearestOption(said.slice(2), [...Object.keys(options), 'help'])
    : undefined;
  const suggestion = nearest === undefined ? ':' : `; did you mean --${nearest}?`;
  return `${said} is not known here${suggestion} ${name} -- --help says what is.`;
}

/** A part of a name counts as the whole: `--slow` for `--slow-database`. */
function nearestOption(said: string, known: readonly string[]): string | undefined {
  const whole = known.find((one) => one.split('-').includes(said));
  return whole ?? nearestOf(said, known, (one) => Math.max(1, one.length / 3));
}

function toSynopsis({ options, operands }: Command): string {
  const words =
    operands === undefined ? [] : [operands.count === 'one' ? operands.value : `[${operands.value}…]`];
  return [...words, ...Object.entries(options).map(([key, option]) => `[${toForm(key, option)}]`)].join(' ');
}

function toForm(key: string, { value }: Option<unknown>): string {
  return `--${key}${value === undefined ? '' : ` ${value}`}`;
}

function toMeaning({ about, fallback }: Option<unknown>): string {
  return `${about}${fallback === undefined ? '' : ` (default: ${fallback})`}`;
}

/** Breaks text between words at 120 columns; line breaks of its own stay. */
function wrap(text: string, indent = 0): string {
  const lines = text.split('\n').flatMap((paragraph) => {
    const broken = [''];
    for (const one of paragraph.split(' ')) {
      const line = broken.at(-1) ?? '';
      if (line === '') broken[broken.length - 1] = one;
      else if (indent + line.length + 1 + one.length <= 120) broken[broken.length - 1] = `${line} ${one}`;
      else broken.push(one);
    }
    return broken;
  });
  return lines.join(`\n${' '.repeat(indent)}`);
}
