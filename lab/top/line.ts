/**
 * A line of the terminal as pieces of text with a tone: cut to the width first, coloured last.
 *
 * Texts come from services, so control characters are removed here.
 */

/** The tone of a piece of text; colours only repeat what the words say. */
export type Tone =
  | 'closed'
  | 'open'
  | 'half_open'
  | 'forced_open'
  | 'disabled'
  | 'away'
  | 'warning'
  | 'heading'
  | 'quiet';

/** A piece of a line. */
export interface Piece {
  readonly text: string;
  readonly tone?: Tone;
}

/** The pieces of one line, from left to right. */
export type Line = readonly Piece[];

/** The palette of the dashboard in the nearest of the 256 colours that terminals share. */
const codes: Readonly<Record<Tone, string>> = {
  closed: '38;5;74',
  open: '1;38;5;203',
  half_open: '1;38;5;220',
  forced_open: '1;38;5;183',
  disabled: '38;5;247',
  away: '7',
  warning: '38;5;220',
  heading: '1',
  quiet: '2',
};

/** The line as text, at most `columns` wide, its end replaced by … when it is longer. */
export function paint(line: Line, { columns, color }: { columns: number; color: boolean }): string {
  const plain = line.map((piece) => ({ ...piece, text: clean(piece.text) }));
  const whole = plain.reduce((sum, { text }) => sum + widthOf(text), 0);
  const room = whole <= columns ? columns : columns - 1;
  let left = room;
  const painted = plain.map(({ text, tone }) => {
    const kept = cut(text, left);
    left = kept === text ? left - widthOf(kept) : 0;
    return tone === undefined || !color || kept === '' ? kept : `\x1b[${codes[tone]}m${kept}\x1b[0m`;
  });
  return `${painted.join('')}${whole <= columns ? '' : '…'}`.trimEnd();
}

/** The text in a column of this width: cut with …, or filled with spaces on the right, for numbers on the left. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const known = clean(text);
  const missing = width - widthOf(known);
  if (missing < 0) return `${cut(known, width - 1)}…`;
  return align === 'left' ? `${known}${' '.repeat(missing)}` : `${' '.repeat(missing)}${known}`;
}

/** Columns that a text takes in a terminal. */
export function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + columnsOf(character), 0);
}

function cut(text: string, columns: number): string {
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns) break;
    kept += character;
  }
  return kept;
}

function columnsOf(character: string): number {
  if (/\p{Mn}|\p{Me}|\u200d|\ufe0f/u.test(character)) return 0;
  return /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60]/u.test(
    character,
  )
    ? 2
    : 1;
}

/** An escape sequence could move the cursor or change the title of the window. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, ' ');
}
