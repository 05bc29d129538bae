/**
 * The metrics of the reference, read from a scrape of the real registry in which everything has happened once.
 *
 * A label is shown by a series alone, so each event that makes a series is sent.
 */
import { createEvents } from '../../shared/src/observability/events.ts';
import { createMetrics } from '../../shared/src/observability/metrics.ts';
import { createBreaker } from '../../shared/src/resilience/breaker.ts';
import { monotonicClock } from '../../shared/src/resilience/deadline.ts';
import { toTable } from './table.ts';

/** Labels that are everywhere, or belong to the type. */
const common = new Set(['service', 'le']);

/** One row for each metric of our own. */
export async function describeMetrics(): Promise<string> {
  const lines = (await scrape()).split('\n');
  const rows = lines.flatMap((line, index) => {
    const [, name = '', help = ''] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
    if (name === '' || /^(process|nodejs)_/.test(name)) return [];
    const type = lines[index + 1]?.split(' ').at(-1) ?? '';
    return [[`\`${name}\``, type, labelsOf(name, lines), help]];
  });
  return toTable(['metric', 'type', 'labels', 'meaning'], rows);
}

function labelsOf(name: string, lines: readonly string[]): string {
  const series = lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name}_bucket{`));
  const labels = series.flatMap((line) =>
    [...line.matchAll(/(?<=[{,])(\w+)="/g)].map(([, label = '']) => label),
  );
  return [...new Set(labels)]
    .filter((label) => !common.has(label))
    .map((label) => `\`${label}\``)
    .join(', ');
}

async function scrape(): Promise<string> {
  const events = createEvents();
  const breaker = createBreaker({ name: 'order→payment', events });
  const metrics = createMetrics({
    service: 'order',
    instance: 'order:3000',
    version: '0',
    events,
    clock: monotonicClock,
    breakers: () => [breaker],
    vitals: {
      ask: async () => ({
        readiness: null,
        databaseMs: null,
        relay: { pending: 0, oldestMs: 0 },
        ledger: null,
      }),
    },
    retriesLeft: () => 0,
    lateWork: () => 0,
    faults: () => [],
  });
  breaker.override('open');
  await breaker.run(async () => undefined).catch(() => undefined);
  breaker.stop();
  events.emit('fallback', { at: 0, next: 'payment', code: 'breaker-open' });
  metrics.observeRequest({ method: 'POST', route: '/create', status: 202, ms: 1 });
  return metrics.text();
}
