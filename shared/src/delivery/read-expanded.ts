/**
 * Reads a document together with its parts at the following hops: `?expand=…`.
 *
 * The parts are read through the same pipeline as every call, with little time and one attempt. When that fails, the
 * answer has what is known here and is marked as `degraded`.
 */

import { InvalidError, isKnownError } from '../core/errors.ts';
import { type Body, descendantKinds, type Kind, type Resource } from '../core/resource.ts';
import type { CallPolicy } from '../resilience/pipeline.ts';
import { viewOf } from './answers.ts';
import type { ForwardRequest } from './forward.ts';
import type { NextView, ReadNext } from './read-next.ts';
import type { HopRecord } from './record.ts';

/** What reading parts needs. */
export interface ReadExpandedOptions<B extends Body> {
  readonly resource: Resource<B>;
  /** Absent at the end of the chain, where there is nothing to expand. */
  readonly next: { readonly name: string; readonly read: ReadNext } | undefined;
}

/** A view that may be incomplete. */
export type ExpandedView = Readonly<Record<string, unknown>> & {
  /** True when a part could not be read; `missing` says which and why. */
  readonly degraded?: true;
  readonly missing?: readonly { readonly name: string; readonly reason: string }[];
};

/** One attempt of half a second, because a person waits; the next hop reads within milliseconds. */
const policy = { attempts: 1, timeoutMs: 500 } as const satisfies CallPolicy;

/**
 * Reads the query parameter `expand`: names of parts, separated by commas.
 * @throws {InvalidError} when a name is none of the parts.
 */
export function parseExpand(query: unknown, resource: Pick<Resource, 'child'>): readonly string[] {
  if (query === undefined || query === '') return [];
  const names = [...new Set(String(query).split(','))];
  const known = descendantKinds(resource).map(({ singular }) => singular);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  const detail =
    known.length === 0
      ? 'There is nothing behind this service.'
      : `Must be ${known.join(', ')} or several of them.`;
  throw new InvalidError(`The query parameter expand is not legal. ${detail}`, [
    { pointer: '/expand', detail },
  ]);
}

/** The view of `record` with the parts called `names`; a part that no hop has stored yet is `null`. */
export async function readExpanded<B extends Body>(
  record: HopRecord,
  names: readonly string[],
  { resource, next }: ReadExpandedOptions<B>,
  how: Pick<ForwardRequest, 'deadline' | 'propagatedHeaders'>,
): Promise<ExpandedView> {
  const own = viewOf(record);
  const [nearest, ...further] = descendantKinds(resource);
  if (names.length === 0 || nearest === undefined || next === undefined) return own;
  const child = resource.child.of(record.body as B);
  const view =
    child &&
    (await next.read(
      {
        ...how,
        id: child.id,
        parent: record._id,
        plural: nearest.plural,
        expand: names.filter((name) => name !== nearest.singular),
      },
      {
        ...policy,
        fallback: (error): NextView => ({
          id: child.id,
          status: 'unknown',
          document: child,
          degraded: true,
          missing: names.map((name) => ({ name, reason: toMissingReason(error, next.name) })),
        }),
      },
    ));
  const found = Object.fromEntries(further.map(({ singular }) => [singular, view?.[singular] ?? null]));
  const all: Record<string, unknown> = {
    ...found,
    [nearest.singular]: view === undefined ? null : withoutOthers(view, further),
  };
  const asked = Object.fromEntries(names.map((name) => [name, all[name]]));
  return view?.degraded === true
    ? { ...own, ...asked, degraded: true, missing: view.missing as ExpandedView['missing'] & object }
    : { ...own, ...asked };
}

/** The nearest part's own view, without the other members of the answer. */
function withoutOthers(view: Readonly<Record<string, unknown>>, further: readonly Kind[]): object {
  const others = new Set(['degraded', 'missing', ...further.map(({ singular }) => singular)]);
  return Object.fromEntries(Object.entries(view).filter(([name]) => !others.has(name)));
}

function toMissingReason(error: unknown, next: string): string {
  return isKnownError(error) ? `${next}: ${error.message}` : 'A defect of this service.';
}
