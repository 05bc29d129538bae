/** Checks of untrusted settings: each names what is wrong, and all of it is thrown at once. */
import { InvalidSettingsError, type SettingIssue } from '../errors.ts';

/** A range of numbers; both ends belong to it. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly isInteger?: boolean;
}

/** A day, in milliseconds: no moment of a scenario is later. */
export const longestMs = 86_400_000;

/** Milliseconds of a scenario. */
export const durationRange: NumberRange = { min: 0, max: longestMs };

/** Collects what is wrong with one value. */
export interface SettingCheck {
  /** Notes an issue of the field at a path such as `neighbour.workers`. */
  refuse(path: string, detail: string): void;
  /** Notes every field that is not in `known`, or that `given` is no object at all; answers an object in any case. */
  fieldsOf(given: unknown, path: string, known: readonly string[]): Readonly<Record<string, unknown>>;
  /** Answers the number when it is in its range, else `fallback`; `undefined` is the fallback without an issue. */
  number<T>(given: unknown, path: string, range: NumberRange, fallback: T): number | T;
  /** As `number`, but the field must be there. */
  need(given: unknown, path: string, range: NumberRange): number;
  /** A list of numbers in their range; the first that is not is noted. */
  numbers(given: unknown, path: string, range: NumberRange): readonly number[];
  /** Takes over the issues of another check, below `path`. */
  within<T>(path: string, work: () => T, fallback: T): T;
  /** @throws {InvalidSettingsError} when anything was noted. */
  finish(): void;
}

/** Creates a check; `what` is the beginning of the message. */
export function createSettingCheck(what: string): SettingCheck {
  const issues: SettingIssue[] = [];
  const refuse = (path: string, detail: string) => {
    issues.push({ pointer: `/${path.replaceAll('.', '/')}`, detail });
  };

  const check: SettingCheck = {
    refuse,
    fieldsOf(given, path, known) {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) {
        refuse(path, `must be an object, got ${toShown(given)}`);
        return {};
      }
      const prefix = path === '' ? '' : `${path}.`;
      for (const field of Object.keys(given)) {
        if (!known.includes(field)) refuse(prefix + field, `is not one of ${known.join(', ')}`);
      }
      return given as Record<string, unknown>;
    },
    number(given, path, { min, max, isInteger = false }, fallback) {
      if (given === undefined) return fallback;
      const fits =
        typeof given === 'number' && given >= min && given <= max && (!isInteger || Number.isInteger(given));
      if (fits) return given;
      const kind = isInteger ? 'a whole number' : 'a number';
      refuse(path, `must be ${kind} from ${min} to ${max}, got ${toShown(given)}`);
      return fallback;
    },
    // JSON has no undefined, so null stands for what is missing and is refused with the range.
    need: (given, path, range) => check.number(given ?? null, path, range, range.min),
    numbers(given, path, range) {
      if (!Array.isArray(given)) {
        refuse(path, 'must be a list of numbers');
        return [];
      }
      const wrong = given.findIndex(
        (one) => !(one >= range.min && one <= range.max && typeof one === 'number'),
      );
      if (wrong >= 0) check.need(given[wrong], `${path}.${wrong}`, range);
      return given;
    },
    within(path, work, fallback) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof InvalidSettingsError)) throw error;
        for (const { pointer, detail } of error.issues) refuse(`${path}${pointer}`, detail);
        return fallback;
      }
    },
    finish() {
      if (issues.length === 0) return;
      const details = issues.map(({ pointer, detail }) => {
        const path = pointer.slice(1).replaceAll('/', '.');
        return path === '' ? detail : `${path} ${detail}`;
      });
      throw new InvalidSettingsError(`${what}: ${details.join('; ')}.`, issues);
    },
  };
  return check;
}

function toShown(value: unknown): string {
  const shown = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return shown.length > 60 ? `${shown.slice(0, 59)}…` : shown;
}
