/**
 * Holds answers of a running service against its own openapi.json: status, media type, headers and body.
 */
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** The part of an OpenAPI document that answers are checked against. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, AnySchema>>;
    readonly headers: Readonly<Record<string, Header>>;
    readonly responses: Readonly<Record<string, Described>>;
  };
}

/** One operation. */
export interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Described>>;
  readonly requestBody?: { readonly content: Content };
}

interface Header {
  readonly required: boolean;
  readonly schema: AnySchema;
}

interface Described {
  readonly headers?: Readonly<Record<string, Header | { readonly $ref: string }>>;
  readonly content?: Content;
}

type Content = Readonly<
  Record<string, { schema?: AnySchema; examples?: Readonly<Record<string, { value: unknown }>> }>
>;

/** An answer as it came. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Checks against one document. */
export interface Check {
  /** Says everything that an answer has and the document does not, or the reverse; empty when they agree. */
  answer(method: string, path: string, got: Got): string[];
  /** Says what a value has against a schema of the document. */
  value(schema: string, value: unknown): string[];
  /** Says which examples of the document break its own schemas. */
  examples(): string[];
}

/** Creates the checks for a document. */
export function createCheck(document: OpenApi): Check {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  (addFormats as unknown as typeof addFormats.default)(ajv);
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    ajv.addSchema(rebased(schema) as AnySchema, `openapi:${name}`);
  }
  const complaints = (schema: AnySchema, value: unknown, where: string): string[] => {
    const validate = ajv.compile(rebased(schema) as AnySchema);
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => `${where}${error.instancePath} ${error.message}`);
  };

  return {
    answer(method, path, got) {
      const described = find(document, method, path, got.status);
      if (described === undefined) return [`${method} ${path} → ${got.status} is not described`];
      return [...headerFaults(described, got), ...bodyFaults(described, got)];
    },
    value: (schema, value) => complaints({ $ref: `openapi:${schema}` }, value, schema),
    examples() {
      const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
      return operations.flatMap(({ operationId, requestBody, responses }) =>
        [requestBody, ...Object.values(responses)].flatMap((part) =>
          Object.values(part?.content ?? {}).flatMap(({ schema, examples = {} }) =>
            Object.entries(examples).flatMap(([name, { value }]) =>
              schema === undefined ? [] : complaints(schema, value, `${operationId} ${name}: `),
            ),
          ),
        ),
      );
    },
  };

  function headerFaults({ headers = {} }: Described, got: Got): string[] {
    return Object.entries(document.components.headers).flatMap(([name, common]) => {
      const value = got.headers.get(name);
      const described = headers[name];
      if (described === undefined)
        return value === null ? [] : [`${got.status} has ${name}: ${value}, not described`];
      const { required, schema } = 'schema' in described ? described : common;
      if (value === null) return required ? [`${got.status} lacks ${name}`] : [];
      const isNumber = typeof schema === 'object' && schema.type === 'integer';
      return complaints(schema, isNumber ? Number(value) : value, name);
    });
  }

  function bodyFaults({ content }: Described, got: Got): string[] {
    const mediaType = got.headers.get('content-type')?.split(';')[0] ?? 'none';
    if (content === undefined) return got.body === '' ? [] : [`${got.status} has a body`];
    const { [mediaType]: described } = content;
    if (described === undefined) return [`${got.status} is ${mediaType}, which is not described`];
    if (described.schema === undefined) return [];
    const value = mediaType.endsWith('json') ? JSON.parse(got.body) : got.body;
    return complaints(described.schema, value, `${got.status}`);
  }
}

/** The operation's own answer, else the one that every path has in common. */
function find(document: OpenApi, method: string, path: string, status: number): Described | undefined {
  const { pathname } = new URL(path, 'http://service');
  const templates = Object.entries(document.paths).filter(([template]) => toPattern(template).test(pathname));
  // An address that is written out goes before one with a parameter.
  const [, operations] = templates.sort(([a], [b]) => a.split('{').length - b.split('{').length)[0] ?? [];
  const operation = operations?.[method.toLowerCase()];
  if (operation !== undefined) return operation.responses[status] ?? operation.responses.default;
  const { MethodNotAllowed, NotFound } = document.components.responses;
  if (operations !== undefined) return status === 405 ? MethodNotAllowed : undefined;
  return status === 404 ? NotFound : undefined;
}

function toPattern(template: string): RegExp {
  const escaped = template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${escaped}/?$`);
}

/** Refers to the schemas of the document by the names under which they were added. */
function rebased(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(rebased);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === '$ref' ? `${value}`.replace('#/components/schemas/', 'openapi:') : rebased(value),
    ]),
  );
}
