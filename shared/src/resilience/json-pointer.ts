/** Writes JSON Pointers (RFC 6901), the places in a body that a refusal names. */

/** Joins a key to a pointer. */
export function joinPointer(pointer: string, key: string | number): string {
  const escaped = `${key}`.replaceAll('~', '~0').replaceAll('/', '~1');
  return `${pointer}/${escaped.isWellFormed() ? escaped : escaped.toWellFormed()}`;
}

/** The pointer to a path of keys, the outermost first; empty for the whole. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.reduce<string>((pointer, key) => joinPointer(pointer, String(key)), '');
}
