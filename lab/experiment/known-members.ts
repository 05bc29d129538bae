/** The members of an experiment, walked through as JSON Schema: what may stand at a place, and a row for each member. */
import { toJsonSchema } from './schema.ts';

/** The parts of a JSON Schema that matter here. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** One member of a file, for a table. */
export interface Member {
  /** As in `hypothesis.measure`, `arms.<name>.policy`. */
  readonly place: string;
  readonly form: string;
  readonly isRequired: boolean;
  readonly about: string;
}

const root = toJsonSchema() as Schema;

/** The legal names at a place; none where there is no object. */
export function knownMembers(path: readonly PropertyKey[]): readonly string[] {
  const found = path.reduce<readonly Schema[]>(
    (all, step) => all.flatMap((one) => stepInto(one, step)),
    [root],
  );
  return [...new Set(found.flatMap(formsOf).flatMap(({ properties = {} }) => Object.keys(properties)))];
}

/** A row for each member that has a meaning of its own. */
export function listMembers(): readonly Member[] {
  const rows = rowsOf(root, '');
  // Forms of the same thing share members.
  return rows.filter(({ place }, index) => rows.findIndex((row) => row.place === place) === index);
}

function rowsOf(schema: Schema, above: string): Member[] {
  const rows = Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const place = above === '' ? name : `${above}.${name}`;
    if (member.description === undefined) return [];
    const isRequired = schema.required?.includes(name) ?? false;
    const row = { place, form: toForm(member), isRequired, about: member.description };
    // What an arm may have is what the file has: once is enough.
    const isKnown = /^arms\..*\.(policy|neighbour|faults)$/.test(place);
    return isKnown
      ? [{ ...row, about: 'As that of the file, for this arm alone.' }]
      : [row, ...inside(member, place)];
  });
  return rows;
}

function inside(member: Schema, place: string): Member[] {
  const named = typeof member.additionalProperties === 'object' ? member.additionalProperties : undefined;
  if (named !== undefined) return rowsOf(named, `${place}.<name>`);
  return formsOf(member).flatMap((form) => rowsOf(form, place));
}

function toForm(schema: Schema): string {
  const forms = formsOf(schema).map((form) => {
    if (form.enum !== undefined) return form.enum.length > 5 ? 'a word' : form.enum.join(' or ');
    const { type = 'anything', minimum, maximum } = form;
    if (type === 'object')
      return form.properties === undefined ? 'object' : `{${Object.keys(form.properties).join(', ')}}`;
    if (type === 'array') return 'list';
    if (type === 'string') return 'text';
    if (type === 'boolean') return 'true or false';
    if (type !== 'number' && type !== 'integer') return type;
    return `${type === 'integer' ? 'whole number' : 'number'}${maximum === undefined ? '' : ` ${minimum} to ${maximum}`}`;
  });
  return [...new Set(forms.map((form) => (form.length > 60 ? 'object' : form)))].join(', or ');
}

function formsOf(schema: Schema): readonly Schema[] {
  const forms = schema.anyOf ?? schema.oneOf;
  return forms === undefined ? [schema] : forms.flatMap(formsOf);
}

function stepInto(schema: Schema, step: PropertyKey): readonly Schema[] {
  return formsOf(schema).flatMap((form) => {
    if (typeof step === 'number') return form.items ?? [];
    const named = form.properties?.[String(step)];
    if (named !== undefined) return named;
    return typeof form.additionalProperties === 'object' ? form.additionalProperties : [];
  });
}
