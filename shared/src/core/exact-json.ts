/**
 * Parses JSON and marks what a number of JavaScript would not keep: an id or amount beyond 2^53 would be rounded, and
 * nobody would be told.
 *
 * Only a text with a long run of digits is looked at twice; every other body costs one regular expression.
 */

/** The text of a number that may be too long or too small to be kept. */
const suspicious = /[\d.]{16,}|[eE]-\d{3}/;
/** Most digits that some double needs to be told from its neighbours: with more, digits are lost for certain. */
const maxDigits = 17;

/**
 * Parses `text`; a number that would lose digits comes back as NaN, which no JSON can say, so that its place can be
 * named (storable.ts). Call it only with what does not nest deeper than the call stack.
 */
export function markInexact(text: string, parsed: unknown): unknown {
  if (!suspicious.test(text)) return parsed;
  const revive = (_key: string, value: unknown, { source }: { source?: string }) =>
    typeof value === 'number' && source !== undefined && isInexact(source, value) ? Number.NaN : value;
  // TypeScript does not know the third argument yet.
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

function isInexact(source: string, value: number): boolean {
  const [digits, exponent] = toDecimal(source);
  if (digits.length > maxDigits) return true;
  if (value === 0) return digits !== '';
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER || !Number.isFinite(value)) return false;
  if (!/[eE]/.test(source)) return true;
  const [kept, at] = toDecimal(String(value));
  return kept !== digits || at !== exponent;
}

/** The significant digits of a number, and the power of ten of the last one. */
function toDecimal(text: string): [digits: string, exponent: number] {
  const [, whole = '', fraction = '', power = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return [digits, Number(power) - fraction.length + (all.length - digits.length)];
}
