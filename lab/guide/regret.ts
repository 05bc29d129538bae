/**
 * What a wrong assumption costs: the settings for numbers of which one is half or twice the true one, against the
 * settings for the true ones.
 */
import { drawTable } from '../measure/draw-table.ts';
import type { CellResult } from './cell.ts';
import type { ServiceNumbers } from './numbers.ts';
import { toPolicy } from './rules.ts';
import type { MeasuredService } from './services.ts';
import { allFaults, type Figure } from './sweeps.ts';

interface Assumption {
  readonly name: string;
  readonly by: (numbers: ServiceNumbers, factor: number) => ServiceNumbers;
  /** The services in which the assumption can be wrong both ways. */
  readonly among?: (service: MeasuredService) => MeasuredService | null;
}

const whole = (value: number) => Math.max(1, Math.round(value));

const assumptions: readonly Assumption[] = [
  { name: 'rate', by: (numbers, factor) => ({ ...numbers, ratePerSecond: numbers.ratePerSecond * factor }) },
  {
    name: 'p99',
    by: (numbers, factor) => ({
      ...numbers,
      p50Ms: Math.min(numbers.p50Ms, whole(numbers.p99Ms * factor)),
      p99Ms: whole(numbers.p99Ms * factor),
    }),
  },
  {
    name: 'deadline',
    by: (numbers, factor) => ({ ...numbers, deadlineMs: whole(numbers.deadlineMs * factor) }),
  },
  {
    name: 'instances',
    by: (numbers, factor) => ({ ...numbers, instances: whole(numbers.instances * factor) }),
    among: (service) => (service.truth.instances > 1 ? service : null),
  },
  {
    name: 'replicas of the caller',
    by: (numbers, factor) => ({ ...numbers, callers: numbers.callers * factor }),
    among: (service) => withBoth(service, { callers: 2 }),
  },
];

/** The table of regret. */
export function toRegretFigure(services: readonly MeasuredService[]): Figure {
  const rows = assumptions.flatMap((assumption) =>
    [0.5, 2].map((factor) => ({
      assumption,
      factor,
      services: services.flatMap((service) => (assumption.among ?? ((own) => own))(service) ?? []),
    })),
  );
  return {
    name: 'regret',
    cells: rows.flatMap(({ assumption, factor, services }) =>
      [1, factor].map((by) => ({
        faults: allFaults,
        arms: services.map(({ truth, numbers }) => ({
          truth,
          policy: toPolicyOfWrong(truth, by === 1 ? numbers : assumption.by(numbers, by)),
        })),
      })),
    ),
    draw: (results) =>
      drawTable(
        [
          'assumed',
          'failed %',
          'wasted per 100',
          'rejected while well %',
          'back after s',
          'cost',
          'cost of the worst service',
        ],
        rows.map(({ assumption, factor }, row) => [
          `${assumption.name}: ${factor < 1 ? 'half' : 'twice'} the true one`,
          ...toDifferences(results[2 * row] as CellResult, results[2 * row + 1] as CellResult),
        ]),
      ),
  };
}

/** Whoever waits leaves at the true deadline, whatever was assumed. */
function toPolicyOfWrong(truth: ServiceNumbers, assumed: ServiceNumbers) {
  const { policy } = toPolicy(assumed);
  return { ...policy, deadlineMs: Math.min(truth.deadlineMs, assumed.deadlineMs) };
}

function toDifferences(right: CellResult, wrong: CellResult): string[] {
  const pairs = (['failed', 'wasted', 'rejectedWhileWell', 'recoverySeconds', 'cost'] as const).map(
    (measure) => [right.all[measure], wrong.all[measure]] as const,
  );
  const cells = pairs.map(([was, is]) => toSigned(is - was));
  const worst = Math.max(...wrong.costs.map((cost, index) => cost - (right.costs[index] ?? 0)));
  const never = wrong.all.never - right.all.never;
  return [
    ...cells.slice(0, 3),
    `${cells[3]}${never > 0 ? ` (${never} × never)` : ''}`,
    `${cells[4]}`,
    toSigned(worst),
  ];
}

function toSigned(value: number): string {
  const text = value.toFixed(2);
  return Number(text) > 0 ? `+${text}` : text.replace(/^-(0\.00)$/, '$1').replace('-', '−');
}

function withBoth({ truth, numbers }: MeasuredService, changed: Partial<ServiceNumbers>): MeasuredService {
  return { truth: { ...truth, ...changed }, numbers: { ...numbers, ...changed } };
}
