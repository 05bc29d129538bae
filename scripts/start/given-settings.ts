/**
 * Settings for one service alone, by a prefix: `SHIPMENT_INJECT_ERR=1` is `INJECT_ERR=1` for shipment.
 *
 * Only names of settings count, since a prefixed name can be a setting itself (`PAYMENT_LIMIT`).
 */

import { hopSettings } from '../../shared/src/app/hop-settings.ts';
import { environmentWith } from '../../shared/src/core/config.ts';

/** The environment of one service. */
export interface Given {
  /** The settings with this service's prefix, without it. */
  readonly alone: Readonly<Record<string, string>>;
  /** The whole environment, with the prefixed settings applied. */
  readonly env: NodeJS.ProcessEnv;
}

/** Settings that the plan sets itself; Kubernetes sets `PAYMENT_PORT` to something else. */
const decided = ['ID', 'PORT', 'EXIT_WITH_PARENT'];

/** Reads the environment of the service called `name`. */
export function givenTo(name: string): Given {
  const env = environmentWith({});
  const alone: Record<string, string> = {};
  for (const setting of Object.keys(hopSettings(name, 0))) {
    const value = env[`${toPrefix(name)}${setting}`];
    if (value !== undefined && !decided.includes(setting)) alone[setting] = value;
  }
  return { alone, env: { ...env, ...alone } };
}

/** Names the prefixed setting in an error message. */
export function namedAsGiven(complaint: string, name: string, { alone }: Given): string {
  const setting = complaint.split(/[= ]/, 1)[0] ?? '';
  return setting in alone ? `${toPrefix(name)}${complaint}` : complaint;
}

/** How the settings for one service alone begin. */
export function toPrefix(name: string): string {
  return `${name.toUpperCase()}_`;
}
