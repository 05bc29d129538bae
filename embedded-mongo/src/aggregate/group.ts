/** `$group` and `$sortByCount` (https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/). */
import { orderKey } from '../bson/order-key.ts';
import { BSON_TYPE, type RawValue, readFields } from '../bson/raw.ts';
import { buildDocument, documentValue, toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { type Expression, nullIfMissing, parseExpression } from '../expression/expression.ts';
import type { Store } from '../store/documents.ts';
import { ACCUMULATORS, type Accumulator } from './accumulators.ts';
import type { Stage } from './stage.ts';

interface Output {
  readonly name: string;
  readonly make: () => Accumulator;
  readonly expression: Expression;
  /** It keeps all values. */
  readonly collects: boolean;
}

/** The least size of one output of a group. */
const OUTPUT_BYTES = 100;

interface Group {
  readonly id: RawValue;
  readonly values: readonly Accumulator[];
}

/**
 * Parses `$group`.
 *
 * @throws {CommandError} BadValue without `_id`, UnknownExpression for accumulators outside the table.
 */
export function groupStage(argument: RawValue, store: Store): Stage {
  if (argument.type !== BSON_TYPE.object)
    throw new CommandError('BadValue', "a group's fields must be specified in an object");
  const fields = readFields(argument.bytes, argument.start);
  const idField = fields.find(({ name }) => name === '_id');
  if (!idField) throw new CommandError('BadValue', 'a group specification must include an _id');
  const id = parseExpression(idField);
  const outputs = fields.filter(({ name }) => name !== '_id').map(parseOutput);
  return function* group(documents) {
    const groups = new Map<string, Group>();
    const held = store.memory.open();
    try {
      for (const document of documents) {
        const value = nullIfMissing(id(document));
        const key = orderKey(value).toString('latin1');
        let entry = groups.get(key);
        if (!entry) {
          held.add(key.length + value.bytes.length + OUTPUT_BYTES * outputs.length);
          entry = { id: value, values: outputs.map(({ make }) => make()) };
          groups.set(key, entry);
        }
        for (let at = 0; at < outputs.length; at++) {
          const { expression, collects } = outputs[at] as Output;
          const part = expression(document);
          if (collects) held.add(part.bytes.length);
          entry.values[at]?.add(part);
        }
      }
      for (const entry of groups.values()) {
        const results = outputs.map(
          ({ name }, at) => [name, (entry.values[at] as Accumulator).result()] as const,
        );
        yield buildDocument([['_id', entry.id], ...results]);
      }
    } finally {
      held.end();
    }
  };
}

function parseOutput(field: RawValue & { name: string }): Output {
  const parts = field.type === BSON_TYPE.object ? readFields(field.bytes, field.start) : [];
  const [operator] = parts;
  if (!operator || parts.length !== 1 || field.name.includes('.')) {
    throw new CommandError('BadValue', `The field '${field.name}' must be an accumulator object`);
  }
  const make = Object.hasOwn(ACCUMULATORS, operator.name) ? ACCUMULATORS[operator.name] : undefined;
  if (!make) throw new CommandError('UnknownExpression', `unknown group operator '${operator.name}'`);
  const collects = operator.name === '$push' || operator.name === '$addToSet';
  return { name: field.name, make, expression: parseExpression(operator), collects };
}

/** Parses `$sortByCount`: groups, counts, and puts the largest group first. */
export function sortByCountStage(argument: RawValue, store: Store): Stage {
  const group = groupStage(
    documentValue(
      buildDocument([
        ['_id', argument],
        ['count', toRawValue({ $sum: 1 })],
      ]),
    ),
    store,
  );
  return function* sortByCount(documents) {
    const groups = [...group(documents)].map((document) => ({
      document,
      count: readFields(document, 0).find(({ name }) => name === 'count') as RawValue,
    }));
    groups.sort((left, right) => {
      store.checkTime();
      return Buffer.compare(orderKey(right.count), orderKey(left.count));
    });
    for (const { document } of groups) yield document;
  };
}
