/**
 * Puts everything back: no traffic, no fault, no forced breaker, no trial, and the settings that the lab saw first.
 *
 * A breaker that opened by itself stays open until its probe: the chain heals as it would without a lab.
 */
import { NeighbourError } from '@holdfast/shared/errors.ts';
import type { ChangeServices } from './change-services.ts';
import type { Called } from './http-call.ts';
import type { ServiceListener } from './service-listener.ts';
import type { Traffic } from './traffic.ts';

/** What a reset needs. */
export interface ResetParts {
  readonly services: readonly ServiceListener[];
  readonly traffic: Traffic;
  readonly change: ChangeServices;
}

/**
 * Resets all that can be reached; answers the names of the services.
 * @throws {NeighbourError} when a service could not be reset; the others are.
 */
export async function reset({ services, traffic, change }: ResetParts): Promise<string[]> {
  traffic.reset();
  const failures = await Promise.all(services.map((service) => resetService(service, change)));
  const sentences = failures.flat();
  if (sentences.length > 0) throw new NeighbourError('neighbour-unreachable', sentences.join(' '));
  return [...new Set(services.map(({ name }) => name))];
}

/** Answers a sentence for each thing that could not be done. */
async function resetService(service: ServiceListener, change: ChangeServices): Promise<string[]> {
  const breakers = [...service.firstSettings()].map(([name, settings]) => ({
    method: 'PATCH',
    path: `/breakers/${encodeURIComponent(name)}`,
    body: JSON.stringify({ force: null, settings, shadow: null }),
  }));
  const changes = [{ method: 'DELETE', path: '/faults' }, ...breakers];
  const answers = await Promise.all(
    changes.map((one) => change([service], one).then(toComplaint, (error: unknown) => toWords(error))),
  );
  const complaints = new Set(answers.filter((answer) => answer !== undefined));
  return [...complaints].map((complaint) => `${service.name} is not reset: ${complaint}`);
}

function toComplaint({ status, body }: Called): string | undefined {
  if (status < 400) return undefined;
  try {
    const { detail } = JSON.parse(body.toString()) as { detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // an answer of something else; its status has to do
  }
  return `it answered ${status}.`;
}

function toWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
