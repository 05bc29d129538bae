/**
 * "With and without" on the page: what is chosen and how far the latest comparison is, and from that the panels: one row
 * for each measure, with on the left and without on the right, on the same scales. Pure; view/comparison.ts draws them.
 */
import {
  type ArmReport,
  type ComparisonPoint,
  type ComparisonReport,
  type ComparisonSettings,
  type ComparisonStatus,
  subjectWords,
  usualComparison,
} from '../../server/comparison.ts';
import { toCount, toMs } from './format.ts';

/** The comparison on the page. */
export interface ComparisonState {
  /** The latest one as the lab has it; `null` until the lab was asked. */
  readonly status: ComparisonStatus | null;
  /** What a click on the button runs. */
  readonly choice: ComparisonSettings;
}

/** What changes it. */
export type ComparisonChange =
  | { readonly status: ComparisonStatus }
  | { readonly choice: Partial<ComparisonSettings> };

/** Before the lab was asked. */
export const emptyComparison: ComparisonState = {
  status: null,
  choice: usualComparison,
};

/** Applies one change. */
export function changeComparison(state: ComparisonState, change: ComparisonChange): ComparisonState {
  if ('status' in change) return { ...state, status: change.status };
  return { ...state, choice: { ...state.choice, ...change.choice } };
}

/** One line of a panel: a value for each second, `null` where there is none. */
export interface PanelLine {
  readonly kind: 'p50' | 'p99' | 'wasted' | 'in-flight' | 'failed' | 'pending';
  readonly look: 'line' | 'area' | 'bars';
  readonly values: readonly (number | null)[];
}

/** One chart. */
export interface Panel {
  readonly lines: readonly PanelLine[];
  /** The figure that stands for the whole run so far. */
  readonly figure: string;
  /** What stands behind the figure in smaller letters. */
  readonly note: string;
  /** The chart in a sentence. */
  readonly summary: string;
  /** What is said of each second. */
  readonly hints: readonly string[];
}

/** One measure of both chains. */
export interface PanelRow {
  readonly name: 'latency' | 'wasted' | 'in-flight' | 'failed' | 'pending';
  readonly title: string;
  readonly about: string;
  /** The top of both charts. */
  readonly top: number;
  readonly topText: string;
  /** Nothing but zeros in both. */
  readonly isQuiet: boolean;
  readonly panels: readonly [Panel, Panel];
}

interface Measure {
  readonly name: PanelRow['name'];
  readonly title: string;
  readonly about: string;
  /** The top is at least this. */
  readonly least: number;
  readonly lines: readonly {
    readonly kind: PanelLine['kind'];
    readonly look: PanelLine['look'];
    readonly of: (point: ComparisonPoint) => number | null;
  }[];
  readonly toText: (value: number) => string;
  readonly figure: (arm: ArmReport) => readonly [figure: string, note: string];
}

const measures: readonly Measure[] = [
  {
    name: 'latency',
    title: 'A customer waits',
    about: 'p50 and p99 of the orders of each second, from the moment they were due',
    least: 100,
    lines: [
      { kind: 'p99', look: 'line', of: ({ p99Ms }) => p99Ms },
      { kind: 'p50', look: 'area', of: ({ p50Ms }) => p50Ms },
    ],
    toText: toShortMs,
    figure: ({ during: { orders, p50Ms, p99Ms } }) =>
      orders === 0 ? ['–', ''] : [toShortMs(p50Ms), `p99 ${toShortMs(p99Ms)}, during the fault`],
  },
  {
    name: 'wasted',
    title: 'Wasted calls',
    about: 'sent to a neighbour, and failed or timed out; each second',
    least: 5,
    lines: [{ kind: 'wasted', look: 'bars', of: ({ wasted }) => wasted }],
    toText: String,
    figure: ({ calls: { wasted, rejected } }) => [
      `${wasted}`,
      rejected > 0 ? `in all, ${rejected} not even sent` : 'in all',
    ],
  },
  {
    name: 'in-flight',
    title: 'In flight',
    about: 'the most calls to neighbours under way at once, in each second',
    least: 5,
    lines: [{ kind: 'in-flight', look: 'area', of: ({ inFlight }) => inFlight }],
    toText: String,
    figure: ({ mostInFlight }) => [`${mostInFlight}`, 'at most'],
  },
  {
    name: 'failed',
    title: 'Failed answers',
    about: '5xx, or none within ten seconds; by the second in which the order was due',
    least: 5,
    lines: [{ kind: 'failed', look: 'bars', of: ({ failed }) => failed }],
    toText: String,
    figure: ({ before, during, after }) => [`${before.failed + during.failed + after.failed}`, 'in all'],
  },
  {
    name: 'pending',
    title: 'Pending',
    about: 'documents kept and not finished yet, in all services',
    least: 5,
    lines: [{ kind: 'pending', look: 'area', of: ({ pending }) => pending }],
    toText: String,
    figure: ({ points, mostPending }) => [`${points.at(-1)?.pending ?? 0}`, `now, at most ${mostPending}`],
  },
];

/** The rows of a comparison. */
export function toPanelRows({ arms, settings }: ComparisonReport): PanelRow[] {
  const [a, b] = arms;
  if (a === undefined || b === undefined) return [];
  return measures.map((measure) => {
    const all = [a, b].flatMap(({ points }) =>
      points.flatMap((point) => measure.lines.map(({ of }) => of(point) ?? 0)),
    );
    const top = toTop(Math.max(measure.least, ...all));
    const isQuiet = all.every((value) => value === 0);
    const toPanel = (arm: ArmReport): Panel => {
      const [figure, note] = measure.figure(arm);
      const thing = subjectWords[settings.what];
      return {
        figure,
        note,
        lines: measure.lines.map(({ kind, look, of }) => ({ kind, look, values: arm.points.map(of) })),
        summary: `${measure.title} ${arm.arm} ${thing}: ${figure} ${note}.`.replace(' .', '.'),
        hints: arm.points.map((point) => toHint(measure, point)),
      };
    };
    const { name, title, about, toText } = measure;
    return { name, title, about, top, topText: toText(top), isQuiet, panels: [toPanel(a), toPanel(b)] };
  });
}

/** Seconds on the time axis of every chart. */
export function toSpan({ arms, settings }: ComparisonReport): number {
  return Math.max(settings.seconds, ...arms.map(({ points }) => points.length));
}

/** Parts of a strip in which the breaker was in one state, in seconds. */
export function toStateSpans(
  points: readonly ComparisonPoint[],
): { readonly state: NonNullable<ComparisonPoint['state']>; readonly from: number; readonly to: number }[] {
  const spans: { state: NonNullable<ComparisonPoint['state']>; from: number; to: number }[] = [];
  for (const { second, state } of points) {
    if (state === null) continue;
    const last = spans.at(-1);
    if (last?.state === state && last.to === second) last.to = second + 1;
    else spans.push({ state, from: second, to: second + 1 });
  }
  return spans;
}

/** How far a running comparison is, in words and as a share of the orders' time. */
export function toProgress(report: ComparisonReport | null): {
  readonly text: string;
  readonly ratio: number;
} {
  if (report === null || report.phase === 'starting') return { text: 'Starting two chains …', ratio: 0 };
  const { phase, atMs, settings, outage, broken, together } = report;
  const ratio = Math.min(1, atMs / (settings.seconds * 1000));
  if (phase === 'settling') return { text: 'Waiting until nothing is pending, then the audit …', ratio };
  if (phase === 'done') return { text: 'Stopping both chains …', ratio: 1 };
  const isBroken = atMs >= outage.fromMs && atMs < outage.toMs;
  const turns = together ? '' : ', one chain after the other';
  const fault = isBroken ? `: ${broken} is ${toFaultWord(settings.fault)}` : '';
  return { text: `Second ${Math.floor(atMs / 1000)} of ${settings.seconds}${turns}${fault}`, ratio };
}

/** A fault behind "is". */
export function toFaultWord(fault: ComparisonSettings['fault']): string {
  return fault === 'hang' ? 'hanging' : fault;
}

/** What the audit of a chain found: `0 lost, 0 doubled of 190`. */
export function toAuditWords({ audit }: ArmReport): string {
  if (audit === null) return 'audited at the end';
  const pending = audit.pending === 0 ? '' : `, ${audit.pending} still pending`;
  return `${audit.lost} lost, ${audit.doubled} doubled of ${toCount(audit.accepted, 'order')}${pending}`;
}

function toHint({ lines, toText }: Measure, point: ComparisonPoint): string {
  const values = lines.map(({ kind, of }) => {
    const value = of(point);
    return `${kind.replace('-', ' ')} ${value === null ? '–' : toText(value)}`;
  });
  return `second ${point.second}: ${values.join(', ')}`;
}

/** From a second on in seconds, as in the verdict. */
function toShortMs(ms: number | null): string {
  return ms !== null && ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : toMs(ms);
}

/** The next of 1, 2, 5, 10, … with some room above the highest value. */
function toTop(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((times) => times * power >= highest) ?? 10;
  return step * power;
}
