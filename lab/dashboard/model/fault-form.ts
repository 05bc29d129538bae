/** Reads the long form of a fault. Nothing is validated here: the service's errors are shown at the fields. */
import type { FaultType } from '@holdfast/shared/faults/fault-events.ts';
import type { FaultRequest, NamedFault } from './faults.ts';

/** Makes a fault of the form's values; `typed` returns a field's text. Empty fields get their defaults. */
export function toFormFault(typed: (name: string) => string): NamedFault {
  const type = typed('type') as FaultType;
  const base = { type, ttlMs: Number(typed('ttlMs')) * 1_000 };
  const hits = {
    phase: typed('phase') as 'before' | 'after',
    ...numbers(typed, type === 'error' ? ['rate', 'status'] : ['rate']),
    ...(type === 'latency' ? numbers(typed, ['ms', 'jitterMs']) : {}),
    ...numbers(typed, ['times', 'seed']),
    ...(typed('match') === '' ? {} : { match: typed('match') }),
  };
  // `unready` applies to the whole service, so the other fields do not apply.
  return { name: typed('name'), fault: type === 'unready' ? base : { ...base, ...hits } };
}

function numbers(
  typed: (name: string) => string,
  names: readonly (keyof FaultRequest)[],
): Partial<FaultRequest> {
  const given = names.filter((name) => typed(name) !== '');
  return Object.fromEntries(given.map((name) => [name, Number(typed(name))]));
}
