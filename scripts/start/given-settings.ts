/**
 * Settings that were given to one service alone, by a prefix: `SHIPMENT_INJECT_ERR=1` is `INJECT_ERR=1` for shipment.
 *
 * Only names of real settings count, since a prefixed name may be a setting of its own (`PAYMENT_LIMIT`).
 */

import { hopSettings } from '../../shared/src/app/hop-settings.ts';
import { environmentWith } from '../../shared/src/core/config.ts';

/** What the environment says to one service. */
export interface Given {
  /** The settings with this service's prefix, without it. */
  readonly alone: Readonly<Record<string, string>>;
  /** The whole environment, as this service reads it. */
  readonly env: NodeJS.ProcessEnv;
}

/** What the plan decides for every service; Kubernetes sets `PAYMENT_PORT` to something else altogether. */
const decided = ['ID', 'PORT', 'EXIT_WITH_PARENT'];

/** Reads what the environment says to the service called `name`. */
export function givenTo(name: string): Given {
  const env = environmentWith({});
  const alone: Record<string, string> = {};
  for (const setting of Object.keys(hopSettings(name, 0))) {
    const value = env[`${toPrefix(name)}${setting}`];
    if (value !== undefined && !decided.includes(setting)) alone[setting] = value;
  }
  return { alone, env: { ...env, ...alone } };
}

/** Puts the prefix back into a complaint about a setting that was given with it. */
export function namedAsGiven(complaint: string, name: string, { alone }: Given): string {
  const setting = complaint.split(/[= ]/, 1)[0] ?? '';
  return setting in alone ? `${toPrefix(name)}${complaint}` : complaint;
}

function toPrefix(name: string): string {
  return `${name.toUpperCase()}_`;
}
