/**
 * The endpoints of the reference, from the OpenAPI document of order, which differs from the others' in its words alone.
 *
 * What only the document with controls has needs `LAB=1`.
 */
import { order } from '../../order/src/order.ts';
import { toOpenApi } from '../../shared/src/openapi/document.ts';
import { toTable } from './table.ts';

/** Two names of one operation: the second is not described again. */
const [first, again] = ['POST /create', `POST /${order.plural}`];

interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** By media type; problems have their code as the example's name. */
  readonly content?: Readonly<Record<string, { readonly examples?: object }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description: string;
}

interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Endpoint extends Operation {
  /** Method and path. */
  readonly name: string;
}

/** Tables of endpoints, of their parameters, and of the answers to a create. */
export function describeEndpoints(): string {
  const open = readEndpoints({ controls: false });
  const names = new Set(open.map(({ name }) => name));
  const withControls = readEndpoints({ controls: true });
  const closed = withControls.filter(({ name }) => !names.has(name));
  const create = open.find(({ name }) => name === first);
  return `## Endpoints

Those of order; \`orders\` is \`payments\` and \`shipments\` at the others. \`GET /openapi.json\` says the same for programs and
\`GET /docs/\` on a page. Every GET answers HEAD, every path OPTIONS. Another method is 405, another path 404.

${toEndpointTable(open)}
With \`LAB=1\`, which \`npm start\` and compose set; otherwise 404. [faults.md](faults.md) explains the faults, [breaker.md](breaker.md) the breaker.

${toEndpointTable(closed)}
### Parameters

${toTable(['request', 'parameter', 'in', 'meaning'], withControls.flatMap(toParameterRows))}
The lab has [endpoints of its own](lab.md#endpoints).

## Answers to a create

${toTable(
  ['status', 'meaning', 'problem', 'headers'],
  Object.entries(create?.responses ?? {}).map(([status, { description, headers = {}, content = {} }]) => [
    status,
    description,
    toCode(Object.keys(content['application/problem+json']?.examples ?? {})),
    toCode(Object.keys(headers)),
  ]),
)}`;
}

function toCode(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

function readEndpoints({ controls }: { controls: boolean }): Endpoint[] {
  const { paths } = toOpenApi({ resource: order, service: 'order', version: '', controls });
  const byPath = paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  return Object.entries(byPath).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      ...operation,
    })),
  );
}

function toEndpointTable(endpoints: readonly Endpoint[]): string {
  return toTable(
    ['request', 'what it does', 'when it succeeds', 'else'],
    endpoints.map(({ name, summary, description, responses }) => {
      if (name === again) return [`\`${name}\``, `The same as \`${first}\`.`, '', ''];
      const statuses = Object.entries(responses);
      const good = statuses.filter(([status]) => status < '400');
      return [
        `\`${name}\``,
        [`${summary}.`, ...(description === undefined ? [] : [description])].join(' '),
        good.map(([status, answer]) => `${status}: ${answer.description}`).join(' '),
        statuses
          .filter(([status]) => status >= '400' && status < '600')
          .map(([status]) => status)
          .join(', '),
      ];
    }),
  );
}

function toParameterRows({ name: request, parameters = [] }: Endpoint): string[][] {
  if (request === again) return [];
  return parameters.map(({ name, in: where, description }) => [
    `\`${request}\``,
    `\`${name}\``,
    where,
    description,
  ]);
}
