/**
 * Reads places in a body: `.name`, `[3]` and `["any name"]`, one after another, as in `.hops[0].service`.
 *
 * The small part of JSONPath that a tour needs; `length` works on lists and texts.
 */

/** A path that cannot be parsed. */
export class PathError extends Error {
  override readonly name = 'PathError';
}

/** Reads a path; empty is the whole body. @throws {PathError} when any of it cannot be read. */
export function parsePath(text: string): readonly string[] {
  const keys: string[] = [];
  const step = /\.([A-Za-z_$][\w$-]*)|\[(\d+)\]|\["([^"]+)"\]/y;
  while (step.lastIndex < text.length) {
    const from = step.lastIndex;
    const found = step.exec(text);
    if (found === null) throw new PathError(`"${text.slice(from)}" is no part of a path`);
    keys.push(found[1] ?? found[2] ?? found[3] ?? '');
  }
  return keys;
}

/** The value at a path; `undefined` when there is none. */
export function walk(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((node, key) => {
    if (typeof node === 'string' && key === 'length') return node.length;
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    return (node as Record<string, unknown>)[key];
  }, value);
}
