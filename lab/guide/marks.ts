/** The parts of a document that a command writes, each between two marks. */

/** Replaces what stands between the marks of `name`. @throws {RangeError} when the document has no such marks. */
export function fillMarks(document: string, name: string, text: string): string {
  const [begin, end] = toMarks(name);
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new RangeError(`The document has no marks ${begin} … ${end}.`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}

/** What stands between the marks of `name`. @throws {RangeError} as {@link fillMarks}. */
export function readMarks(document: string, name: string): string {
  const [begin, end] = toMarks(name);
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new RangeError(`The document has no marks ${begin} … ${end}.`);
  return document.slice(from + begin.length, to).trim();
}

function toMarks(name: string): [string, string] {
  return [`<!-- ${name}: npm run guide -->`, `<!-- /${name} -->`];
}
