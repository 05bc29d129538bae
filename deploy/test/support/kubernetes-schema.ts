/**
 * JSON schemas of Kubernetes' own objects, made of the types in `kubernetes-types`, which are made of its OpenAPI.
 *
 * They are stricter than the API server's default: a member that the API does not know is a fault, because a misspelt
 * probe is otherwise silently no probe. What the types call `string` and the API takes few of is in `closed`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';

/** Any object of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** What is wrong with a manifest, one sentence each; none when it is legal. */
export type Validate = (manifest: Manifest) => readonly string[];

type Schema = Readonly<Record<string, unknown>>;

const root = dirname(createRequire(import.meta.url).resolve('kubernetes-types/package.json'));

/** Members of which the types say `string` or `number` and the API says more. */
const closed: Readonly<Record<string, Schema>> = {
  'core/v1/ContainerPort.protocol': { enum: ['TCP', 'UDP', 'SCTP'] },
  'core/v1/ContainerPort.containerPort': { type: 'integer', minimum: 1, maximum: 65535 },
  'core/v1/ServicePort.port': { type: 'integer', minimum: 1, maximum: 65535 },
  'core/v1/Container.restartPolicy': { enum: ['Always'] },
  'core/v1/Container.name': { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$' },
  'core/v1/SeccompProfile.type': { enum: ['RuntimeDefault', 'Localhost', 'Unconfined'] },
  'core/v1/TopologySpreadConstraint.whenUnsatisfiable': { enum: ['DoNotSchedule', 'ScheduleAnyway'] },
  'core/v1/EnvVar.name': { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
  'apps/v1/DeploymentStrategy.type': { enum: ['Recreate', 'RollingUpdate'] },
  'autoscaling/v2/MetricTarget.type': { enum: ['Utilization', 'Value', 'AverageValue'] },
  'autoscaling/v2/HPAScalingPolicy.type': { enum: ['Pods', 'Percent'] },
  'networking/v1/NetworkPolicyPort.protocol': { enum: ['TCP', 'UDP', 'SCTP'] },
  'networking/v1/NetworkPolicySpec.policyTypes': { type: 'array', items: { enum: ['Ingress', 'Egress'] } },
  'policy/v1/PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy': {
    enum: ['AlwaysAllow', 'IfHealthyBudget'],
  },
};

/** The whole-type replacements: a quantity is a string of a certain form. */
const forms: Readonly<Record<string, Schema>> = {
  'api/resource/Quantity': { type: 'string', pattern: '^\\d+(\\.\\d{1,3})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$' },
};

/** Creates the check; a `partial` one is for patches, in which nothing is required. */
export function createValidate({ partial = false } = {}): Validate {
  const compiled = new Map<string, ValidateFunction | undefined>();
  return (manifest) => {
    const type = toType(manifest);
    if (!compiled.has(type)) compiled.set(type, compile(type, partial));
    const validate = compiled.get(type);
    if (validate === undefined) return [`${manifest.apiVersion} has no kind ${manifest.kind}`];
    if (validate(manifest as unknown)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${manifest.kind} ${manifest.metadata.name} ${instancePath}: ${message} ${JSON.stringify(params)}`,
    );
  };
}

/** `apps/v1` + `Deployment` → `apps/v1/Deployment`; the group of `v1` is called core. */
function toType({ apiVersion, kind }: Manifest): string {
  const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  return `${group.split('.')[0]}/${version}/${kind}`;
}

function compile(type: string, partial: boolean): ValidateFunction | undefined {
  const definitions: Record<string, Schema> = {};
  if (!define(type, definitions, partial)) return undefined;
  // The types let both be absent, for objects inside lists.
  const schema = {
    type: 'object',
    $ref: `#/$defs/${toKey(type)}`,
    required: ['apiVersion', 'kind', 'metadata'],
    $defs: definitions,
  };
  return new Ajv({ allErrors: true, strictRequired: false, allowUnionTypes: true }).compile(schema);
}

/** Adds the schema of a type and of all types that it needs. */
function define(type: string, definitions: Record<string, Schema>, partial: boolean): boolean {
  const key = toKey(type);
  if (definitions[key] !== undefined) return true;
  const file = join(root, `${dirname(type)}.d.ts`);
  if (!existsSync(file)) return false;
  const text = readFileSync(file, 'utf8').replace(/\/\*\*[\s\S]*?\*\//g, '');
  const name = type.slice(type.lastIndexOf('/') + 1);
  const refer = (other: string): Schema => {
    const from = new RegExp(`import \\{[^}]*\\b${other}\\b[^}]*\\} from "([^"]+)"`).exec(text)?.[1];
    const home = from === undefined ? dirname(type) : relative(root, join(dirname(file), from));
    define(`${home}/${other}`, definitions, partial);
    return { $ref: `#/$defs/${toKey(`${home}/${other}`)}` };
  };
  const alias = new RegExp(`export type ${name} = ([^;]+);`).exec(text)?.[1];
  if (alias !== undefined) {
    definitions[key] = forms[type] ?? toSchema(alias, refer);
    return true;
  }
  const body = new RegExp(`export interface ${name} \\{([\\s\\S]*?)\\n\\}`).exec(text)?.[1];
  if (body === undefined) return false;
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  definitions[key] = {
    type: 'object',
    additionalProperties: false,
    properties,
    ...(partial ? {} : { required }),
  };
  for (const [, member = '', optional, words = ''] of body.matchAll(
    /^ {4}(?:readonly )?"?([\w$-]+)"?(\?)?: (\{[^}]*\}|[^;]+);/gm,
  )) {
    properties[member] = closed[`${type}.${member}`] ?? toSchema(words, refer);
    if (optional === undefined) required.push(member);
  }
  return true;
}

/** The schema of a type in TypeScript's words, as far as `kubernetes-types` uses them. */
function toSchema(words: string, refer: (name: string) => Schema): Schema {
  const text = words.trim();
  const list = /^Array<(.*)>$/s.exec(text)?.[1];
  if (list !== undefined) return { type: 'array', items: toSchema(list, refer) };
  const values = /^\{\s*\[name: string\]: (.*);\s*\}$/s.exec(text)?.[1];
  if (values !== undefined) return { type: 'object', additionalProperties: toSchema(values, refer) };
  if (text.includes(' | ')) return { anyOf: text.split(' | ').map((part) => toSchema(part, refer)) };
  if (text.startsWith('"')) return { const: JSON.parse(text) };
  if (text === 'any') return {};
  if (['string', 'number', 'boolean', 'object'].includes(text)) return { type: text };
  return refer(text);
}

function toKey(type: string): string {
  return type.replaceAll('/', '.');
}
