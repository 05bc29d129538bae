/** What `npm run advise` prints: settings with their reasons, the same as environment and as code, and the simulation. */
import { type Policy, policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import type { RunningPolicy } from '@holdfast/shared/resilience/policy-settings.ts';
import { drawTable } from '../measure/draw-table.ts';
import { toEnvironmentLines } from '../tune/as-settings.ts';
import { measureCell } from './cell.ts';
import type { ServiceNumbers } from './numbers.ts';
import type { Advice } from './rules.ts';
import { costHead, toCostCells } from './sweeps.ts';
import type { TrialFault } from './trial.ts';

/** The faults in which advice is tried. */
const advisedFaults: readonly TrialFault[] = ['down 10 s', 'slow ×3 8 s', 'flaky 30 % 10 s', 'blip 300 ms'];

/** Settings with their name. */
export interface Choice {
  readonly name: string;
  readonly policy: Policy;
}

/** The defaults of a service with the same deadline, and the settings. */
export function toChoices({ policy }: Advice): Choice[] {
  return [
    { name: 'defaults', policy: { ...policyDefaults, deadlineMs: policy.deadlineMs } },
    { name: 'advised', policy },
  ];
}

/** Everything but the simulation. */
export function drawAdvice(advice: Advice): string {
  return [
    ...advice.warnings.map((warning) => `Note: ${warning}`),
    drawReasons(advice),
    toEnvironmentLines(advice.policy).join('\n'),
    `const policy = ${JSON.stringify(advice.policy, undefined, 2)};`,
  ].join('\n\n');
}

/** A line for each setting: its value, and why. */
export function drawReasons({ policy, reasons }: Advice): string {
  const rows = reasons.map(({ setting, why }) => [setting, `${toValue(policy, setting)}`, why]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      ([setting = '', value = '', why]) =>
        `${setting.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${why}.`,
    )
    .join('\n');
}

/** The settings and the defaults in the faults, by simulation. */
export function drawTrials(advice: Advice, truth: ServiceNumbers): string {
  const rows = advisedFaults.flatMap((fault) =>
    toChoices(advice).map(({ name, policy }) => {
      const { all } = measureCell({ arms: [{ policy, truth }], faults: [fault] });
      return [fault, name, ...toCostCells(all)];
    }),
  );
  return drawTable(['fault', 'settings', ...costHead], rows);
}

function toValue(policy: RunningPolicy, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>>)[key], policy);
}
