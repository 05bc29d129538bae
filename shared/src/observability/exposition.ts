/**
 * Parses Prometheus' text format (version 0.0.4) strictly: a line that is neither a comment nor a sample is an error.
 */

/** One line of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A scrape, parsed. */
export interface Exposition {
  readonly samples: readonly Sample[];
  /** The kind of each metric, by its name without `_bucket`, `_sum`, `_count`. */
  readonly types: ReadonlyMap<string, string>;
  /** The value of the one sample with this name and at least these labels; `undefined` when there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
}

/** Parses a scrape. */
export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const [, typed, type] = /^# TYPE (\S+) (\w+)$/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) types.set(typed, type);
    if (line === '' || line.startsWith('#')) continue;
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`This is no sample: ${line}`);
    samples.push({ name, labels: toLabels(labels), value: toNumber(String(value)) });
  }

  return {
    samples,
    types,
    value(name, labels = {}) {
      const found = samples.filter((sample) => sample.name === name && hasLabels(sample, labels));
      if (found.length > 1) throw new Error(`${found.length} samples are ${name}${JSON.stringify(labels)}`);
      return found[0]?.value;
    },
  };
}

function toLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value = '']) => [
      name,
      value.replaceAll(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char)),
    ]),
  );
}

function toNumber(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}

function hasLabels(sample: Sample, labels: Record<string, string>): boolean {
  return Object.entries(labels).every(([name, value]) => sample.labels[name] === value);
}
