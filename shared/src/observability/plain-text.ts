/**
 * Makes text from outside harmless in a line: what steers a terminal, ends a line for some reader, or turns the
 * direction of writing is shown as its number.
 */

/** C0, DEL and C1; the two separators of Unicode; what turns the direction; the mark that has no width. */
const steering = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu;

/** The text with every steering character as `\uXXXX`, which JSON reads back as what it was. */
export function toPlainText(text: string): string {
  return text.replace(steering, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
