/**
 * Escapes characters that control a terminal, end a line for some reader, or change the direction of writing.
 */

/** C0, DEL and C1; Unicode's line separators; marks of direction; U+FEFF, which has no width. */
const steering = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu;

/** Writes every such character as `\uXXXX`, which JSON parsers read back unchanged. */
export function toPlainText(text: string): string {
  return text.replace(steering, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
