/** A comparison as text: what it is, how far it is, and the table with the verdict. */
import { drawTable } from '../measure/draw-table.ts';
import { type ComparisonReport, subjectWords } from '../server/comparison.ts';
import { toMs } from './verdict.ts';

const faultWords = {
  slow: 'answers after twice the attempt timeout',
  down: 'answers 503',
  flaky: 'answers 503 to 60 % of the calls',
  hang: 'does not answer',
} as const;

/** What is compared, in a sentence. */
export function toTitle({ settings, broken, outage, together }: ComparisonReport): string {
  const { what, fault, ratePerSecond, seconds, seed } = settings;
  const when = `from second ${outage.fromMs / 1000} to ${outage.toMs / 1000} of ${seconds}`;
  const how = together ? 'side by side' : 'one after the other, since there is one core';
  return (
    `With and without ${subjectWords[what]}: two chains ${how}, ${ratePerSecond} orders a second (seed ${seed}), ` +
    `and ${broken} ${faultWords[fault]} ${when}.`
  );
}

/** How far it is, in one line. */
export function toProgressLine({ phase, atMs, settings, arms }: ComparisonReport): string {
  if (phase === 'starting') return 'starting two chains …';
  const [a, b] = arms.map(({ calls, mostPending, points }) => {
    const now = points.at(-1);
    return `wasted ${calls.wasted}, in flight ${now?.inFlight ?? 0}, pending ${now?.pending ?? mostPending}`;
  });
  const what = phase === 'running' ? `second ${Math.floor(atMs / 1000)} of ${settings.seconds}` : 'settling';
  return `${what} · with: ${a} · without: ${b}`;
}

/** The table of all measures, and the verdict. */
export function toResult({ arms, verdict, sendLateMs }: ComparisonReport): string {
  const rows = (verdict?.measures ?? []).map(({ label, with: a, without: b, judgement }) => [
    label,
    a,
    b,
    judgement,
  ]);
  const calm = arms.map(({ before }) => (before.p50Ms === null ? '–' : toMs(before.p50Ms)));
  const [a, b] = arms.map(
    ({ audit }) => `${audit?.accepted ?? 0} accepted, ${audit?.completed ?? 0} completed`,
  );
  return [
    drawTable(['', 'with', 'without', 'with it'], rows),
    '',
    `Before the fault, where both are alike: p50 ${calm.join(' and ')}; the load itself was at most ${sendLateMs} ms late (p99).`,
    `Audit: with ${a}; without ${b}.`,
    '',
    verdict?.sentence ?? 'There is no verdict.',
  ].join('\n');
}
