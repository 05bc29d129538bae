/**
 * The OpenAPI 3.1 document of one service, made from the schemas that check requests and from shapes.ts.
 *
 * It is made at the first request for it, so that it does not slow a start.
 */
import { z } from 'zod';
import type { Resource } from '../core/resource.ts';
import { faultSchema } from '../faults/fault-schema.ts';
import type { OwnRoute } from '../http/own-routes.ts';
import { breakerChange, breakerChanged, breakerReport, breakersAnswer } from './breaker-shapes.ts';
import { describeControls } from './control-operations.ts';
import { snapshot, stepMessage, stepsAnswer, tick } from './event-shapes.ts';
import { breakerEvents, faultsAnswer, faultView, streamEntry } from './logged-event-shapes.ts';
import { describeDocuments, schemaNames } from './operations.ts';
import { describeOwn, ownTag } from './own-operations.ts';
import { policyAnswer, policyChange, policyChanged } from './policy-shapes.ts';
import { headers, type Piece, problems } from './responses.ts';
import { describeService } from './service-operations.ts';
import { alive, completed, pending, problem, readiness, version, viewOf } from './shapes.ts';

/** What the document describes. */
export interface DocumentOptions {
  readonly resource: Resource;
  readonly service: string;
  readonly version: string;
  /** Whether the controls exist: `LAB=1`. */
  readonly controls: boolean;
  readonly ownRoutes?: readonly OwnRoute[];
}

/** Makes the document. */
export function toOpenApi(options: DocumentOptions): Piece {
  const { resource, service, version: codeVersion, controls, ownRoutes = [] } = options;
  const names = schemaNames(resource);
  const own = describeOwn(ownRoutes, { controls });
  return {
    openapi: '3.1.1',
    info: {
      title: `Holdfast: ${service}`,
      version: codeVersion,
      summary: `One hop of a chain that keeps every document while its parts fail.`,
      description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to this document, so that it is right behind a proxy with a prefix.
    servers: [{ url: './' }],
    tags: [
      resource.plural,
      ...(ownRoutes.length > 0 ? [ownTag] : []),
      'breakers',
      ...(controls ? ['faults'] : []),
      'events',
      'service',
    ].map((name) => ({ name })),
    paths: {
      ...describeDocuments(resource, { controls }),
      ...own.paths,
      ...describeControls({ controls, step: resource.singular }),
      ...describeService(),
    },
    components: {
      schemas: toSchemas(
        {
          [names.content]: resource.schema,
          [names.view]: viewOf(resource.schema),
          Problem: problem,
          Completed: completed,
          Pending: pending,
          Alive: alive,
          Readiness: readiness,
          Version: version,
          Breakers: breakersAnswer,
          Breaker: breakerReport,
          BreakerEvents: breakerEvents,
          Policy: policyAnswer,
          StreamEntry: streamEntry,
          DocumentStep: stepMessage,
          Steps: stepsAnswer,
          Snapshot: snapshot,
          Tick: tick,
          ...(controls
            ? {
                BreakerChange: breakerChange,
                BreakerChanged: breakerChanged,
                PolicyChange: policyChange,
                PolicyChanged: policyChanged,
                FaultChange: faultSchema,
                Fault: faultView,
                Faults: faultsAnswer,
              }
            : {}),
          ...own.schemas,
        },
        [...own.incoming, names.content, 'BreakerChange', 'PolicyChange', 'FaultChange'],
      ),
      headers,
      ...(controls ? { securitySchemes } : {}),
      responses: {
        MethodNotAllowed: problems(['method-not-allowed'])[405],
        NotFound: problems(['not-found'])[404],
      },
    },
  };
}

const securitySchemes = {
  labToken: { type: 'http', scheme: 'bearer', description: 'The value of LAB_TOKEN, when it is set.' },
};

const description = [
  'Every answer from 400 on is a problem (RFC 9457) with `saved`: true, false, or null for unknown.',
  'Repeating a create unchanged is always safe.',
  'Another method than those described here is answered 405 (`#/components/responses/MethodNotAllowed`),',
  'another path 404 (`#/components/responses/NotFound`). Every GET answers HEAD too, and every path OPTIONS.',
].join('\n');

/** Turns zod schemas into JSON schemas that refer to each other by name; `incoming` names those of requests. */
function toSchemas(byName: Readonly<Record<string, z.ZodType>>, incoming: readonly string[]): Piece {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(byName)) registry.add(schema, { id });
  const uri = (id: string) => `#/components/schemas/${id}`;
  const { schemas: sent } = z.toJSONSchema(registry, { uri, io: 'input' });
  const { schemas: answered } = z.toJSONSchema(registry, { uri, io: 'output' });
  return Object.fromEntries(
    Object.keys(byName).map((id) => {
      // `$id` and `$schema` would change the base of the references.
      const { $schema, $id, ...schema } = { ...(incoming.includes(id) ? sent : answered)[id] };
      return [id, schema];
    }),
  );
}
