/** Round numbers for the axes of a figure, and how a value is written beside one. */

/** Values that differ by less, in parts of themselves, are drawn as one. */
const leastShare = 1e-6;

/** An axis: what it counts and in which unit. */
export interface Axis {
  readonly label: string;
  readonly unit?: string;
}

/** Places values between two ends of a drawing. */
export interface Scale {
  /** Round values, at most eight. */
  readonly ticks: readonly number[];
  place(value: number): number;
}

/** Creates a scale whose ends are round and enclose all values; `zero` is enclosed too. */
export function createScale(
  values: readonly number[],
  [from, to]: readonly [number, number],
  { zero }: { readonly zero: boolean },
): Scale {
  const known = values.filter(Number.isFinite);
  const all = zero || known.length === 0 ? [...known, 0] : known;
  const low = all.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = all.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const usual = Math.max(1, Math.abs(high), Math.abs(low));
  const step = toStep(high - low > leastShare * usual ? high - low : usual);
  const [first, last] = [
    Math.floor(low / step),
    Math.max(Math.ceil(high / step), Math.floor(low / step) + 1),
  ];
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
  const [begin, end] = [first * step, last * step];
  return { ticks, place: (value) => from + ((to - from) * (value - begin)) / (end - begin) };
}

/** A value with as many digits as say something. */
export function toValue(value: number, unit = ''): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) < 1 ? 3 : Math.abs(value) < 100 ? 1 : 0;
  const said = value.toLocaleString('en', { maximumFractionDigits: digits }).replace('-', '−');
  return unit === '' ? said : `${said} ${unit}`;
}

/** The words beside an axis. */
export function toAxisLabel({ label, unit }: Axis): string {
  return unit === undefined || unit === '' ? label : `${label} (${unit})`;
}

/** A coordinate with one decimal. */
export function toCoordinate(value: number): string {
  return Number.isFinite(value) ? `${Math.round(value * 10) / 10}` : '0';
}

/** The least of 1, 2, 5 × 10ⁿ that makes at most seven steps. */
function toStep(span: number): number {
  const power = 10 ** Math.floor(Math.log10(span / 7));
  return ([1, 2, 5, 10].find((factor) => span / (factor * power) <= 7) ?? 10) * power;
}
