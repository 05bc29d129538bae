/** Judges whether a run shows what the demonstration is about: a collapse that stays, and a caller that comes back. */
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import type { ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';
import { toHealedMs } from './plan.ts';

/** What a run came to. */
export interface Fate {
  /** Share of calls that were good in the last five seconds of the load, 0 to 1. */
  readonly lastRatio: number;
  /** Seconds from the end of the fault; `null`: not within the run. */
  readonly backAfter: number | null;
  /** Seconds of load after the end of the fault without one good answer. */
  readonly silentSeconds: number;
}

const lastSeconds = 5;
/** A caller that gets so few good answers has collapsed. */
const collapsedRatio = 0.2;

/** Says what a run of so many seconds came to. */
export function toFate(
  { perSecond, recoveredAfterMs }: RunOutcome,
  { seconds, faults }: { readonly seconds: number; readonly faults: readonly ScenarioFault[] },
): Fate {
  const load = perSecond.slice(0, seconds);
  const last = load.slice(-lastSeconds);
  const sum = (count: 'good' | 'calls') => last.reduce((total, second) => total + second[count], 0);
  const healed = Math.ceil(toHealedMs(faults) / 1000);
  return {
    lastRatio: sum('calls') === 0 ? 0 : sum('good') / sum('calls'),
    backAfter: recoveredAfterMs === null ? null : recoveredAfterMs / 1000,
    silentSeconds: load.slice(healed).filter(({ good, calls }) => calls > 0 && good === 0).length,
  };
}

/** Whether it never came back, though the cause is gone. */
export function isCollapsed({ backAfter, lastRatio }: Fate): boolean {
  return backAfter === null && lastRatio <= collapsedRatio;
}

/** What the demonstration says: `null` when it is shown, else the sentence that contradicts it. */
export function findContradiction(bare: Fate, remedied: Fate): string | null {
  if (!isCollapsed(bare))
    return bare.backAfter === null
      ? 'Without protection the caller did not come back, but it did not collapse either.'
      : `Without protection the caller came back ${bare.backAfter} s after the fault: this is not metastable.`;
  if (remedied.backAfter === null)
    return 'With two attempts, a budget and a breaker the caller did not come back either.';
  return null;
}

/** Which single protection saves the caller, and which is missed when it is the only one that is switched off. */
export function toSavingSentences(
  fates: readonly { readonly name: string; readonly fate: Fate }[],
): readonly string[] {
  const named = (prefix: string) =>
    fates
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, fate }) => ({ what: name.slice(prefix.length), fate }));
  const alone = named('only ');
  const missing = named('all but ');
  const saves = alone.filter(({ fate }) => fate.backAfter !== null);
  const lost = alone.filter(({ fate }) => fate.backAfter === null);
  const missed = missing.filter(({ fate }) => fate.backAfter === null);
  const list = (some: readonly { readonly what: string }[]) =>
    some.map(({ what }) => what).join(', ') || 'none';
  return [
    `Saves the caller alone: ${list(saves)}. Does not: ${list(lost)}.`,
    missed.length === 0
      ? 'Of all five each can be switched off: the other four still bring the caller back.'
      : `Of all five these are missed when they alone are switched off: ${list(missed)}.`,
  ];
}
