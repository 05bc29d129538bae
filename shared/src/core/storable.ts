/**
 * Finds JSON content that MongoDB cannot store unchanged, before it is validated.
 *
 * The walk has its own stack, so that a body of 30,000 levels is rejected and does not overflow the call stack.
 */
import { joinPointer } from '../resilience/json-pointer.ts';
import type { FieldError } from './errors.ts';

/** Maximum nesting of objects and arrays in a body. */
export const maxDepth = 32;

const maxErrors = 20;

/** Whether a parsed JSON value nests deeper than `maxDepth`. */
export function isTooDeep(value: unknown): boolean {
  for (const { depth } of walk(value)) if (depth > maxDepth) return true;
  return false;
}

/** Lists what cannot be stored as it was sent; at most 20 errors. */
export function findUnstorable(value: unknown): FieldError[] {
  const errors: FieldError[] = [];
  for (const step of walk(value)) {
    const detail =
      (typeof step.key === 'string' ? toKeyError(step.key) : undefined) ?? toValueError(step.node);
    if (detail !== undefined) errors.push({ pointer: toPointer(step), detail });
    if (errors.length === maxErrors) break;
  }
  return errors;
}

interface Step {
  readonly node: unknown;
  readonly depth: number;
  /** The name or index in `parent`; absent at the root. */
  readonly key?: string | number;
  readonly parent?: Step;
}

function* walk(root: unknown): Generator<Step> {
  const stack: Step[] = [{ node: root, depth: isContainer(root) ? 1 : 0 }];
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    yield step;
    const { node, depth } = step;
    if (!isContainer(node) || depth > maxDepth) continue;
    const parent = step;
    const push = (child: unknown, key: string | number) =>
      stack.push({ node: child, depth: isContainer(child) ? depth + 1 : depth, key, parent });
    if (Array.isArray(node)) node.forEach(push);
    else for (const [key, child] of Object.entries(node)) push(child, key);
  }
}

/** Created only for errors: for all of 50,000 numbers it would take most of the time. */
function toPointer({ key, parent }: Step): string {
  return parent === undefined || key === undefined ? '' : joinPointer(toPointer(parent), key);
}

function isContainer(value: unknown): value is object {
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
