/**
 * Finds what a PromQL expression names: its metrics with their label matchers, and the labels that it groups by.
 *
 * It reads tokens and is no grammar: enough to notice a name that does not exist, not to judge an expression.
 */

/** A metric as an expression selects it. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly sign: string; readonly value: string }[];
}

/** The names in an expression. */
export interface Named {
  readonly selectors: readonly Selector[];
  /** Labels behind `by`, `without`, `on`, `ignoring` and the group modifiers. */
  readonly grouping: readonly string[];
}

/** Words that are neither metrics nor functions. */
const keywords = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan', 'atan2']);
const groupers = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);

const token =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[[^\]]*\]|\$\{?\w+\}?|[a-zA-Z_:][\w:]*|\d[\w.]*|=~|!~|!=|[^\s]/g;

/**
 * Reads an expression; variables of Grafana may stand in strings and in ranges.
 * @throws {Error} when braces do not close or a matcher has no value.
 */
export function parsePromql(expression: string): Named {
  const tokens = [...expression.matchAll(token)].map(([text]) => text);
  const selectors: Selector[] = [];
  const grouping: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const text = tokens[at] as string;
    if (!/^[a-zA-Z_:]/.test(text)) continue;
    if (groupers.has(text)) {
      if (tokens[at + 1] !== '(') continue;
      const end = closing(tokens, at + 1, ')');
      grouping.push(...tokens.slice(at + 2, end).filter((label) => label !== ','));
      at = end;
    } else if (tokens[at + 1] === '{') {
      const end = closing(tokens, at + 1, '}');
      selectors.push({ metric: text, matchers: toMatchers(tokens.slice(at + 2, end)) });
      at = end;
    } else if (tokens[at + 1] !== '(' && !keywords.has(text.toLowerCase()) && !isAggregation(tokens, at)) {
      selectors.push({ metric: text, matchers: [] });
    }
  }
  return { selectors, grouping };
}

/** `sum by (a) (…)`: the aggregation's name stands before a grouper. */
function isAggregation(tokens: readonly string[], at: number): boolean {
  return ['by', 'without'].includes(tokens[at + 1] ?? '');
}

function closing(tokens: readonly string[], from: number, sign: string): number {
  const end = tokens.indexOf(sign, from);
  if (end < 0) throw new Error(`"${tokens[from]}" is not closed in: ${tokens.join(' ')}`);
  return end;
}

function toMatchers(tokens: readonly string[]): Selector['matchers'] {
  const matchers: { label: string; sign: string; value: string }[] = [];
  for (let at = 0; at < tokens.length; at += 4) {
    const [label, sign, value] = tokens.slice(at, at + 3);
    if (label === undefined || sign === undefined || !/^["']/.test(value ?? '')) {
      throw new Error(`This is no matcher: ${tokens.slice(at, at + 3).join(' ')}`);
    }
    matchers.push({ label, sign, value: String(value).slice(1, -1) });
  }
  return matchers;
}
