/**
 * Matches ids against a pattern with `*` for anything.
 *
 * It compares part by part without backtracking; a regular expression with many stars could take minutes.
 */

/** Creates the test for one pattern; `null` matches everything, also a request without an id. */
export function createMatcher(pattern: string | null): (id: string | undefined) => boolean {
  if (pattern === null) return () => true;
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (id) => id === pattern;
  return (id) => id !== undefined && isMatch(id, first, rest, last);
}

function isMatch(id: string, first: string, middle: readonly string[], last: string): boolean {
  if (!id.startsWith(first)) return false;
  let from = first.length;
  for (const part of middle) {
    const at = id.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return id.length - last.length >= from && id.endsWith(last);
}
