/**
 * The report: one line per arm and number of clients with the medians over rounds, and the chain relative to each arm.
 */
import { chain } from '../../chain.ts';
import { type Table, toCell } from '../measure/draw-table.ts';
import { median } from '../measure/statistics.ts';
import type { ArmName } from './arms.ts';
import { partsOf, toTotalCpuMs } from './cost.ts';
import type { Cell, StoredDocuments } from './run-rounds.ts';

/** A measurement with a larger share of failed requests is not comparable. */
const failedMaxRatio = 0.01;

/** The medians of one arm at one number of clients. */
export interface Line {
  readonly arm: ArmName;
  readonly clients: number;
  readonly ordersPerSecond: number;
  /** The slowest and the fastest round. */
  readonly range: readonly [number, number];
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time for one order, of all processes but the load. */
  readonly totalCpuMs: number;
  /** The same by process; `load` is in it. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly refused: number;
  readonly hollow: number;
  readonly broken: number;
  /** Share of all requests that did not become an order. */
  readonly failedRatio: number;
}

/** Turns measurements into lines, by clients, then in the order of `arms`. */
export function toLines(cells: readonly Cell[], arms: readonly ArmName[]): Line[] {
  const counts = [...new Set(cells.map(({ clients }) => clients))].sort((a, b) => a - b);
  return counts.flatMap((clients) =>
    arms.flatMap((arm) => {
      const own = cells.filter((cell) => cell.arm === arm && cell.clients === clients);
      return own.length === 0 ? [] : [toLine(arm, clients, own)];
    }),
  );
}

/** The lines as a table. An arm with too many failures is marked: its numbers are not comparable. */
export function toLinesTable(lines: readonly Line[]): Table {
  const parts = partsOf(lines);
  const head = ['clients', 'arm', 'orders/s', 'slowest–fastest', 'p50 ms', 'p99 ms', 'CPU ms/order'];
  return {
    head: [...head, ...parts, 'failed', ''],
    rows: lines.map((line) => [
      `${line.clients}`,
      line.arm,
      line.ordersPerSecond.toFixed(0),
      line.range.map((rate) => rate.toFixed(0)).join('–'),
      toCell(line.p50Ms),
      toCell(line.p99Ms),
      toCell(line.totalCpuMs),
      ...parts.map((part) => toCell(line.cpuMs[part])),
      toFailures(line),
      isValid(line) ? '' : 'invalid',
    ]),
  };
}

/** The chain as a share of each other arm: its orders a second, and its processor time for one. */
export function toRatiosTable(lines: readonly Line[]): Table {
  const others = [...new Set(lines.map(({ arm }) => arm))].filter((arm) => arm !== 'chain');
  const chains = lines.filter(({ arm }) => arm === 'chain');
  return {
    head: ['clients', ...others.flatMap((arm) => [toTitle(arm), 'by CPU'])],
    rows: chains.map((own) => [
      `${own.clients}`,
      ...others.flatMap((arm) => {
        const other = lines.find((line) => line.arm === arm && line.clients === own.clients);
        if (other === undefined) return ['', ''];
        const ratios = [own.ordersPerSecond / other.ordersPerSecond, own.totalCpuMs / other.totalCpuMs];
        const mark = isValid(own) && isValid(other) ? '' : ' (invalid)';
        return ratios.map((ratio) => `${toCell(ratio)}${mark}`);
      }),
    ]),
  };
}

/** The most orders a second that each arm made, in one sentence. */
export function toFastest(lines: readonly Line[]): string {
  const fastest = [...new Set(lines.map(({ arm }) => arm))].map((arm) => {
    const [best] = lines
      .filter((line) => line.arm === arm && isValid(line))
      .toSorted((one, other) => other.ordersPerSecond - one.ordersPerSecond);
    if (best === undefined) return `${arm} had no valid measurement`;
    return `${arm} ${best.ordersPerSecond.toFixed(0)} with ${best.clients} clients`;
  });
  return `Most orders a second: ${fastest.join(', ')}.`;
}

/** The stored documents of each arm: an order that was answered and is not in every collection was lost. */
export function toStoredTable(books: readonly StoredDocuments[], arms: readonly ArmName[]): Table {
  const plurals = chain.map(({ plural }) => plural);
  const kinds = ['good' as const, ...plurals];
  return {
    head: ['arm', 'answered', ...plurals.map((plural) => `kept ${plural}`)],
    rows: arms.map((arm) => {
      const own = books.filter((book) => book.arm === arm);
      return [arm, ...kinds.map((kind) => `${own.reduce((sum, book) => sum + book[kind], 0)}`)];
    }),
  };
}

function toLine(arm: ArmName, clients: number, cells: readonly Cell[]): Line {
  const sum = (of: (cell: Cell) => number) => cells.reduce((total, cell) => total + of(cell), 0);
  const middle = (of: (cell: Cell) => number) => median(cells.filter(({ good }) => good > 0).map(of));
  const rates = cells.map(({ good, seconds }) => good / seconds);
  const failures = {
    refused: sum((cell) => cell.refused),
    hollow: sum((cell) => cell.hollow),
    broken: sum((cell) => cell.broken),
  };
  const failed = failures.refused + failures.hollow + failures.broken;
  return {
    arm,
    clients,
    ordersPerSecond: median(rates),
    range: [Math.min(...rates), Math.max(...rates)],
    p50Ms: middle((cell) => cell.p50Ms),
    p99Ms: middle((cell) => cell.p99Ms),
    totalCpuMs: middle(toTotalCpuMs),
    cpuMs: Object.fromEntries(
      partsOf(cells).map((part) => [part, middle(({ cpuMs }) => cpuMs[part] ?? Number.NaN)]),
    ),
    ...failures,
    failedRatio: failed / Math.max(1, failed + sum(({ good }) => good)),
  };
}

function toTitle(arm: ArmName): string {
  return arm === 'floor' ? 'share of floor' : `against ${arm}`;
}

function isValid({ failedRatio }: Line): boolean {
  return failedRatio <= failedMaxRatio;
}

function toFailures({ failedRatio, refused, hollow, broken }: Line): string {
  if (failedRatio === 0) return '0';
  const kinds = Object.entries({ 'not 200': refused, 'hollow 200': hollow, 'no answer': broken });
  const words = kinds.filter(([, count]) => count > 0).map(([kind, count]) => `${count} ${kind}`);
  return `${(failedRatio * 100).toFixed(2)} % (${words.join(', ')})`;
}
