/**
 * Resets everything: no traffic, no fault, every breaker closed, no shadow, and the settings that the lab saw first,
 * of breakers and of the ways to the next hops.
 *
 * The faults end first, at every service; otherwise a closed breaker would open again.
 */
import { NeighbourError } from '@holdfast/shared/resilience/errors.ts';
import type { Change, ChangeServices } from './change-services.ts';
import type { HttpResponse } from './http-call.ts';
import { isSegment, toSegment } from './segment.ts';
import type { ServiceListener } from './service-listener.ts';
import type { Traffic } from './traffic.ts';

/** What a reset needs. */
export interface ResetOptions {
  readonly services: readonly ServiceListener[];
  readonly traffic: Traffic;
  readonly change: ChangeServices;
}

/**
 * Resets all reachable services; returns their names.
 * @throws {NeighbourError} when a service could not be reset; the others are.
 */
export async function reset({ services, traffic, change }: ResetOptions): Promise<string[]> {
  traffic.reset();
  const withoutFaults = await changeAll(services, change, () => [{ method: 'DELETE', path: '/faults' }]);
  // Before the breakers: the time of a probe goes with that of an attempt.
  const withPolicy = await changeAll(services, change, (service) => toPolicyChange(service.firstPolicy()));
  const closed = await changeAll(services, change, (service) =>
    [...service.firstSettings()]
      .filter(([name]) => isSegment(name))
      .map(([name, settings]) => ({
        method: 'PATCH',
        path: `/breakers/${toSegment(name)}`,
        body: JSON.stringify({ force: 'closed', settings, shadow: null }),
      })),
  );
  const sentences = new Set([...withoutFaults, ...withPolicy, ...closed]);
  if (sentences.size > 0) throw new NeighbourError('neighbour-unreachable', [...sentences].join(' '));
  return [...new Set(services.map(({ name }) => name))];
}

/** The change that puts settings back, whose names are `part.setting` or `setting`; none where there are none. */
function toPolicyChange(first: ReadonlyMap<string, number>): Change[] {
  if (first.size === 0) return [];
  const policy: Record<string, number | Record<string, number>> = {};
  for (const [name, value] of first) {
    const [part = '', setting] = name.split('.');
    policy[part] = setting === undefined ? value : { ...Object(policy[part]), [setting]: value };
  }
  return [{ method: 'PATCH', path: '/policy', body: JSON.stringify({ policy }) }];
}

/** Makes changes at every service; returns a sentence for each failure. */
async function changeAll(
  services: readonly ServiceListener[],
  change: ChangeServices,
  changesOf: (service: ServiceListener) => readonly Change[],
): Promise<string[]> {
  const answers = await Promise.all(
    services.flatMap((service) =>
      changesOf(service).map(async (one) => {
        const complaint = await change([service], one).then(toComplaint, toWords);
        return complaint === undefined ? [] : [`${service.name} is not reset: ${complaint}`];
      }),
    ),
  );
  return answers.flat();
}

function toComplaint({ status, body }: HttpResponse): string | undefined {
  if (status < 400) return undefined;
  try {
    const { detail } = JSON.parse(body.toString()) as { detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // not JSON; the status is enough
  }
  return `it answered ${status}.`;
}

function toWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
