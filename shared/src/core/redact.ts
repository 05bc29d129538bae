/**
 * Removes credentials from messages of others: drivers and parsers quote the URL that they were given.
 */

/** Removes user and password from every URL in `words`, and anything before an `@` that may be a password. */
export function withoutCredentials(words: string): string {
  return words.replace(/\/\/[^\s"'@]*@/g, '//').replace(/[^\s"'@/]*:[^\s"'@]*@/g, '');
}
