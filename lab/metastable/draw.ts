/** The demonstration as text for a terminal: small pictures of letters, one sentence for each thing to see. */
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import { drawTable } from '../measure/draw-table.ts';
import type { Fate } from './judge.ts';
import { countLost, type Region } from './region.ts';

const blocks = '▁▂▃▄▅▆▇█';

/** Good answers of each second as a line of blocks; a dot where there was none. */
export function drawSeconds(
  { perSecond }: Pick<RunOutcome, 'perSecond'>,
  seconds: number,
  top: number,
): string {
  const drawn = perSecond.slice(0, seconds).map(({ good }) => {
    if (good === 0) return '·';
    return blocks[Math.min(blocks.length - 1, Math.floor((good / top) * blocks.length))] ?? '█';
  });
  return drawn.join('');
}

/** One line above `drawSeconds` that shows when the fault was. */
export function drawFault(fromMs: number, untilMs: number): string {
  const [from, until] = [Math.round(fromMs / 1000), Math.round(untilMs / 1000)];
  return `${' '.repeat(from)}${'×'.repeat(Math.max(1, until - from))}`;
}

/** What became of a caller, in words. */
export function toFateText({ backAfter, silentSeconds }: Fate): string {
  if (backAfter !== null) return backAfter === 0 ? 'at once' : `after ${Number(backAfter.toFixed(1))} s`;
  return silentSeconds > 0 ? `never (${silentSeconds} s of silence)` : 'never';
}

/** A map with a letter for each cell: `×` does not come back, `o` comes back late, `·` at once. */
export function drawRegion(region: Region): string {
  const { name, rates, lengths, backAfter } = region;
  const rows = rates.map((rate, row) => {
    const cells = lengths.map((_, column) => {
      const value = backAfter[row]?.[column] ?? null;
      return value === null ? '×' : value <= 1 ? '·' : 'o';
    });
    return `${`${rate}`.padStart(6)}/s  ${cells.map((cell) => cell.padStart(4)).join('')}`;
  });
  const foot = `          ${lengths.map((length) => `${length}s`.padStart(4)).join('')}`;
  return [
    `${name}: ${countLost(region)} of ${rates.length * lengths.length} do not come back`,
    ...rows.toReversed(),
    foot,
  ].join('\n');
}

/** The load that rises and falls: for each rate the good answers on the way up and on the way down. */
export function drawHysteresis(
  rates: readonly number[],
  lines: readonly { readonly name: string; readonly goodput: readonly number[] }[],
): string {
  const peak = rates.indexOf(Math.max(...rates));
  const down = (rate: number) => rates.findIndex((one, index) => index > peak && one === rate);
  const cell = (goodput: readonly number[], index: number) =>
    index < 0 ? '–' : `${Math.round(goodput[index] ?? 0)}`;
  const all = [...new Set(rates)].toSorted((a, b) => a - b);
  return drawTable(
    ['calls a second', ...lines.flatMap(({ name }) => [`${name}, up`, 'down'])],
    all.map((rate) => {
      const up = rates.indexOf(rate);
      return [
        `${rate}`,
        ...lines.flatMap(({ goodput }) => [cell(goodput, up <= peak ? up : -1), cell(goodput, down(rate))]),
      ];
    }),
  );
}
