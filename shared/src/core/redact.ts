/**
 * Takes what nobody may read out of words that others have made: drivers and parsers like to quote the URL they were given.
 */

/** Takes the user and password out of every URL in `words`; whatever stands before an `@` may be one. */
export function withoutCredentials(words: string): string {
  return words.replace(/\/\/[^\s"'@]*@/g, '//').replace(/[^\s"'@/]*:[^\s"'@]*@/g, '');
}
