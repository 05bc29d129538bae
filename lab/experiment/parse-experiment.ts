/**
 * Reads an untrusted experiment: every mistake at once, each with its place, what was expected, and the word that was
 * probably meant.
 */
import { nearestOf } from '@holdfast/shared/core/nearest-word.ts';
import { findContradictions, type Mistake } from './contradictions.ts';
import { knownMembers } from './known-members.ts';
import { measureNames } from './measures.ts';
import { type Plan, toPlan } from './plan.ts';
import { experimentSchema } from './schema.ts';

/** An experiment that cannot be run; the message has one line for each mistake. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(
      mistakes.map(({ place, detail }) => `${place === '' ? 'the experiment' : place}: ${detail}`).join('\n'),
    );
    this.mistakes = mistakes;
  }
}

/** What zod says; `errors` are those of each form that something may have. */
interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

/**
 * Reads one.
 * @throws {ExperimentError} with every mistake.
 */
export function parseExperiment(value: unknown): Plan {
  const parsed = experimentSchema.safeParse(value);
  const issues: readonly Issue[] = parsed.error?.issues ?? [];
  const mistakes = [...issues.flatMap((issue) => toMistakes(issue, value)), ...findContradictions(value)];
  if (parsed.data === undefined || mistakes.length > 0) throw new ExperimentError(mistakes);
  return toPlan(parsed.data);
}

function toMistakes(issue: Issue, root: unknown, above: readonly PropertyKey[] = []): Mistake[] {
  const path = [...above, ...issue.path];
  const said = path.reduce<unknown>(
    (value, step) => (value as Record<PropertyKey, unknown> | null | undefined)?.[step],
    root,
  );
  if (issue.code === 'unrecognized_keys') return (issue.keys ?? []).map((key) => toUnknown(key, path));
  const meant = toMeantForm(issue.errors ?? [], said);
  if (meant !== undefined) return meant.flatMap((one) => toMistakes(one, root, path));
  const isAbsent = said === undefined && path.length > 0;
  const detail = isAbsent ? issue.message.replace(/^Must/, 'Is absent; it must') : issue.message;
  return [{ place: toPlace(path), detail: detail + toGuess(path, said) }];
}

/** Of the forms that something may have the one that it is nearest to; none when it is no object. */
function toMeantForm(forms: readonly (readonly Issue[])[], said: unknown): readonly Issue[] | undefined {
  if (typeof said !== 'object' || said === null) return undefined;
  const inside = forms.filter((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  const count = (issues: readonly Issue[]) => issues.reduce((sum, { keys }) => sum + (keys?.length ?? 1), 0);
  return inside.toSorted((a, b) => count(a) - count(b))[0];
}

function toUnknown(key: string, path: readonly PropertyKey[]): Mistake {
  const known = knownMembers(path);
  const lower = key.toLowerCase();
  const guess =
    known.find((one) => one.toLowerCase() === lower) ??
    nearestOf(key, known, (one) => Math.max(1, one.length / 3)) ??
    known.find((one) => one.toLowerCase().startsWith(lower));
  const hint = guess === undefined ? `known are ${known.join(', ')}` : `did you mean ${guess}?`;
  return { place: toPlace([...path, key]), detail: `Is not known here: ${hint}` };
}

function toGuess(path: readonly PropertyKey[], said: unknown): string {
  const isMeasure = path.at(-1) === 'measure' || path.at(-2) === 'measures';
  if (!isMeasure || typeof said !== 'string') return '';
  const guess = nearestOf(said, measureNames, (one) => Math.max(1, one.length / 3));
  return guess === undefined ? '' : ` Did you mean ${guess}?`;
}

function toPlace(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (place, step) =>
      typeof step === 'number' ? `${place}[${step}]` : `${place}${place && '.'}${String(step)}`,
    '',
  );
}
