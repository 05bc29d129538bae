/**
 * Mutants that are not made, because no test of behaviour should notice them; a plug-in of Stryker.
 *
 * - A text with a blank in it is a sentence for people. Tests that repeat every sentence would only have to be changed
 *   with it; the words that programs read (codes, states, headers) have none, and are mutated.
 * - `timer.unref()` only lets a process end while the timer runs. Tests of whole processes see that, these cannot.
 */

/** A place in the syntax tree of Babel, as far as the rules look. */
interface Place {
  readonly node: {
    readonly type: string;
    readonly value?: unknown;
    readonly quasis?: readonly { readonly value: { readonly raw: string } }[];
    readonly expression?: { readonly callee?: { readonly property?: { readonly name?: string } } };
  };
}

/** The reason why no mutant is made at this place; `undefined` where mutants are made. */
export function whyIgnored({ node }: Place): string | undefined {
  const text =
    node.type === 'StringLiteral' ? `${node.value}` : node.quasis?.map(({ value }) => value.raw).join('…');
  if (text?.trim().includes(' ')) return 'a sentence for people';
  if (node.expression?.callee?.property?.name === 'unref') return 'only lets a process end';
  return undefined;
}

/** What Stryker loads. */
export const strykerPlugins = [{ kind: 'Ignore', name: 'holdfast', value: { shouldIgnore: whyIgnored } }];
