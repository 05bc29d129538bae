/** `--service`: how long a worker is busy with a call, as in `20ms` or, with its 99 % quantile, `20ms:80ms`. */
import type { Option } from '@holdfast/shared/core/command-options.ts';
import type { ServiceTime } from '@holdfast/shared/resilience/model/scenario.ts';
import { parseDuration, toDurationText, toIllegalDuration } from './duration.ts';

const range = 'a duration above 0, as 20ms, or median and 99 % quantile, as 20ms:80ms';

/** The option; `undefined` when it is absent. */
export const serviceOption: Option<ServiceTime | undefined> = {
  value: 'TIME',
  about: `how long a worker of the neighbour is busy with a call: ${range} (default: 50ms:150ms)`,
  range,
  read(given) {
    const text = given.at(-1);
    if (text === undefined) return undefined;
    const [p50, p99, ...rest] = text.split(':').map(parseDuration);
    const isLegal = p50 !== undefined && p50 > 0 && rest.length === 0;
    if (isLegal && !text.includes(':')) return p50;
    if (isLegal && p99 !== undefined && p99 >= p50) return p99 === p50 ? p50 : { p50, p99 };
    throw toIllegalDuration(text, range);
  },
};

/** A service time as it would be given. */
export function toServiceText(service: ServiceTime): string {
  if (typeof service === 'number') return toDurationText(service);
  if ('samples' in service) return `${service.samples.length} samples`;
  return `${toDurationText(service.p50)}:${toDurationText(service.p99)}`;
}
