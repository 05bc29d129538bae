/**
 * Marks the numbers of a JSON text that JavaScript cannot represent: an id or amount beyond 2^53 would be rounded
 * silently.
 *
 * Only a text with a long run of digits is parsed again; any other costs one regular expression.
 */

/** Matches a text with a number that may be too long or too small. */
const suspicious = /[\d.]{16,}|[eE]-\d{3}/;
/** Digits that identify any double; with more, digits are lost. */
const maxDigits = 17;

/**
 * Returns `parsed`, the value of `text`, with NaN for each number that would lose digits; storable.ts reports where.
 * The text must not nest deeper than the call stack allows.
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
