/**
 * The form of a group: several creates for one instance in one HTTP message, whose answers come back one by one.
 *
 * Each entry is a request as it would travel alone, with its own proof; each answer is a line. A receiver that takes
 * groups says so in its answers to hops; docs/decisions/0022 has the reasons.
 */

/** No JSON, so that a service that knows no groups answers 415 and has done nothing. */
export const groupType = 'application/vnd.holdfast.group';
/** The header of an answer to a hop: how many entries a group may have. */
export const groupHeader = 'Chain-Group';
/** Most entries of one group. */
export const maxEntries = 32;
/** Most bytes of the bodies of one group, and of a whole group with headers and escapes. */
export const maxBodiesBytes = 200_000;
export const maxGroupBytes = 1_000_000;
/** The kind in the claim of a whole group, in place of the kind of a document. */
export const groupPart = 'group';

/** One request of a group; its address is that of the group. */
export interface Entry {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The answer to the entry with this index; without a status its connection would have been cut. */
export interface EntryAnswer {
  readonly index: number;
  readonly answer: { status: number; headers: Readonly<Record<string, string>>; text: string } | undefined;
}

/** Writes a group. */
export function writeGroup(entries: readonly Entry[]): string {
  return JSON.stringify(
    entries.map(({ headers, body }) => {
      const lowered: Record<string, string> = {};
      for (const name in headers) lowered[name.toLowerCase()] = headers[name] as string;
      return [lowered, body];
    }),
  );
}

/** Reads a group; `undefined` when the text is none. */
export function parseGroup(text: string): readonly Entry[] | undefined {
  const read = parse(text);
  if (!Array.isArray(read) || read.length === 0 || read.length > maxEntries) return undefined;
  const entries = read.map(toEntry);
  return entries.includes(undefined) ? undefined : (entries as Entry[]);
}

function toEntry(read: unknown): Entry | undefined {
  const [headers, body, ...more] = Array.isArray(read) ? read : [];
  return isTexts(headers) && typeof body === 'string' && more.length === 0 ? { headers, body } : undefined;
}

/** Writes the line of one answer. */
export function writeEntryAnswer({ index, answer }: EntryAnswer): string {
  const fields = answer === undefined ? [index] : [index, answer.status, answer.headers, answer.text];
  return `${JSON.stringify(fields)}\n`;
}

/** Reads the line of one answer; `undefined` when it is none. */
export function parseEntryAnswer(line: string): EntryAnswer | undefined {
  const read = parse(line);
  const [index, status, headers, text] = Array.isArray(read) ? read : [];
  if (typeof index !== 'number') return undefined;
  if (status === undefined) return { index, answer: undefined };
  if (typeof status !== 'number' || !isTexts(headers) || typeof text !== 'string') return undefined;
  return { index, answer: { status, headers, text } };
}

function isTexts(read: unknown): read is Record<string, string> {
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return false;
  for (const name in read) if (typeof (read as Record<string, unknown>)[name] !== 'string') return false;
  return true;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
