/**
 * Finds JSON content that MongoDB cannot store unchanged, before it is validated.
 *
 * No walk goes deeper than the legal nesting, so that a body of 30,000 levels does not overflow the call stack.
 */
import { toPointer } from '../resilience/json-pointer.ts';
import type { FieldError } from './errors.ts';

/** Maximum nesting of objects and arrays in a body. */
export const maxDepth = 32;

const maxErrors = 20;

/** Whether a parsed JSON value nests deeper than `levels`. */
export function isTooDeep(value: unknown, levels = maxDepth): boolean {
  if (!isContainer(value)) return false;
  return levels === 0 || Object.values(value).some((child) => isTooDeep(child, levels - 1));
}

/** Lists what cannot be stored as it was sent, the last first; at most 20 errors. */
export function findUnstorable(value: unknown): FieldError[] {
  const errors: FieldError[] = [];
  collect(value, [], errors);
  return errors;
}

/** `path` leads to `node`; it becomes a pointer only for an error. */
function collect(node: unknown, path: string[], errors: FieldError[], keyError?: string): void {
  const detail = keyError ?? toValueError(node);
  if (detail !== undefined) errors.push({ pointer: toPointer(path), detail });
  if (!isContainer(node) || path.length >= maxDepth) return;
  const isNamed = !Array.isArray(node);
  const keys = Object.keys(node);
  for (let at = keys.length - 1; at >= 0 && errors.length < maxErrors; at -= 1) {
    const key = keys[at] as string;
    path.push(key);
    collect(node[key], path, errors, isNamed ? toKeyError(key) : undefined);
    path.pop();
  }
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function toKeyError(key: string): string | undefined {
  if (key.includes('\0')) return 'A field name must not contain the character NUL.';
  if (key.startsWith('$')) return 'A field name must not begin with "$".';
  if (key.includes('.')) return 'A field name must not contain ".".';
  if (key === '__proto__') return 'A field must not be called "__proto__".';
  // BSON treats an object with this field as one of its own types, and writes something else or nothing.
  if (key === '_bsontype') return 'A field must not be called "_bsontype".';
  if (!key.isWellFormed()) return 'A field name must be well-formed Unicode.';
  return undefined;
}

const notExact =
  'The number cannot be kept as it is: it is beyond 2^53, or has more digits than a number has here.';

function toValueError(value: unknown): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return notExact;
  if (typeof value === 'string' && !value.isWellFormed()) return 'The text must be well-formed Unicode.';
  return undefined;
}
