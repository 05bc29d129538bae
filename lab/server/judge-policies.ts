/** Judges policies by calls that were made: in shadow each time, and in a replay when that is asked for. Pure. */
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { fitScenario } from '../traces/fit-scenario.ts';
import { replayShadow } from '../traces/replay-shadow.ts';
import type { Trace } from '../traces/trace.ts';
import type { ReplayNumbers, ShadowNumbers } from './policy-trial.ts';

/** What is to be judged. */
export interface JudgeRequest {
  readonly trace: Trace;
  readonly policies: readonly Policy[];
  /** Whether to fit a neighbour and to replay, too, which takes up to some seconds. */
  readonly isReplayed: boolean;
}

/** What was found, in the sequence of the policies. */
export interface Judged {
  /** `null` for a policy without a breaker. */
  readonly shadows: readonly (ShadowNumbers | null)[];
  /** `null` when none was asked for. */
  readonly replay:
    | null
    | { readonly numbers: readonly ReplayNumbers[]; readonly sentences: readonly string[] }
    /** Why no neighbour can be fitted from these calls. */
    | { readonly why: string };
}

/** Judges. */
export function judgePolicies({ trace, policies, isReplayed }: JudgeRequest): Judged {
  const shadows = policies.map(({ breaker }) =>
    breaker === null ? null : toShadow(replayShadow(trace, breaker)),
  );
  if (!isReplayed) return { shadows, replay: null };
  try {
    const { scenario, sentences } = fitScenario(trace);
    return {
      shadows,
      replay: { numbers: policies.map((one) => toNumbers(simulate(one, scenario))), sentences },
    };
  } catch (error) {
    return { shadows, replay: { why: error instanceof Error ? error.message : String(error) } };
  }
}

function toShadow({ opened, rejected, rejectedWrongly }: ShadowNumbers): ShadowNumbers {
  return { opened, rejected, rejectedWrongly };
}

function toNumbers(outcome: RunOutcome): ReplayNumbers {
  const { calls, failed, rejectedWhileWell, wasted, amplification, p99Ms, recoveredAfterMs } = outcome;
  return { calls, failed, rejectedWhileWell, wasted, amplification, p99Ms, recoveredAfterMs };
}
