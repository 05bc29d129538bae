/**
 * Why a setting of a breaker is what it is: measured by the last tune of its hop, or else the reason of the default, with
 * the command that measures it.
 */
import type { BreakerSettings } from '@holdfast/shared/resilience/breaker-settings.ts';
import type { TuneSummary } from '../../server/policy-trial.ts';
import { toClock } from './format.ts';

/** A reason. */
export interface SettingReason {
  readonly sentence: string;
  /** What makes, or made, the measurement. */
  readonly command: string;
  readonly isMeasured: boolean;
}

const ofDefaults: Readonly<Record<keyof BreakerSettings, string>> = {
  thresholdRatio:
    'Half of the calls: lower opens it on failures that a retry mends, higher sends more in vain.',
  minCalls: 'Five calls are enough to see an outage; fewer let chance open it, more only delay it.',
  windowMs: 'Ten seconds hold enough calls also where few come; with many a window of two opens sooner.',
  openMs:
    'Long enough for a restart. One second loses fewer calls where the neighbour is well as soon as it is back.',
  openMaxMs:
    'A neighbour that is down for long is asked once a minute. Two seconds notice its return sooner, for more probes.',
  openFactor: 'Each failed probe doubles the wait: what is down for long is asked less and less.',
  jitterRatio: 'Replicas shorten their waits differently, so that they do not all probe at the same moment.',
  probeTimeoutMs: 'A second more than a call may take: a slow but working neighbour passes its probe.',
  probeSuccesses:
    'One good probe is enough where calls are alike; more of them keep customers out for longer.',
};

/** The reason of one setting. */
export function toReason(
  setting: keyof BreakerSettings,
  hop: string,
  tune: TuneSummary | undefined,
): SettingReason {
  const measured = tune?.why[`breaker.${setting}` as keyof TuneSummary['why']];
  if (tune !== undefined && measured !== undefined)
    return {
      sentence: `${measured} (measured at ${toClock(tune.at)})`,
      command: tune.command,
      isMeasured: true,
    };
  return {
    sentence: `The default: ${ofDefaults[setting].charAt(0).toLowerCase()}${ofDefaults[setting].slice(1)}`,
    command: `npm run tune -- --for ${hop} --fault slow:3x:10s --rate 80`,
    isMeasured: false,
  };
}
