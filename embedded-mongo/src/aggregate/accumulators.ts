/** What `$group` calculates over its documents (https://www.mongodb.com/docs/manual/reference/operator/aggregation/#accumulators---group-). */
import { Double } from 'bson';
import { compareValues, orderKey } from '../bson/order-key.ts';
import { BSON_TYPE, isNumber, type RawValue } from '../bson/raw.ts';
import { toNumber } from '../bson/to-number.ts';
import { toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { arrayOf } from '../expression/expression.ts';
import { calculate } from '../update/change-number.ts';

/** Collects values, then gives the result. */
export interface Accumulator {
  add(value: RawValue): void;
  result(): RawValue;
}

const NULL = toRawValue(null);

/** The supported accumulators, by name. */
export const ACCUMULATORS: Readonly<Record<string, () => Accumulator>> = {
  $sum: () => sum(),
  $avg: () => average(),
  $min: () => extreme(-1),
  $max: () => extreme(1),
  $first: () => picked('first'),
  $last: () => picked('last'),
  $push: () => list(false),
  $addToSet: () => list(true),
  $count: () => counter(),
};

function sum(): Accumulator {
  let total = toRawValue(0);
  return {
    add(value) {
      if (isNumber(value)) total = addUp(total, value);
    },
    result: () => total,
  };
}

/** A sum that leaves the range of a long goes on as a double, as in MongoDB. */
function addUp(total: RawValue, value: RawValue): RawValue {
  try {
    return calculate('$inc', total, value);
  } catch (error) {
    if (!(error instanceof CommandError) || error.codeName !== 'BadValue') throw error;
    return toRawValue(new Double((toNumber(total) as number) + (toNumber(value) as number)));
  }
}

function average(): Accumulator {
  let total = 0;
  let count = 0;
  return {
    add(value) {
      if (value.type === BSON_TYPE.decimal) {
        throw new CommandError(
          'NotImplemented',
          '$avg of decimals is not supported by the embedded database',
        );
      }
      if (!isNumber(value)) return;
      total += toNumber(value) as number;
      count++;
    },
    result: () => (count === 0 ? NULL : toRawValue(new Double(total / count))),
  };
}

function extreme(sign: 1 | -1): Accumulator {
  let best: RawValue | undefined;
  return {
    add(value) {
      if (value.type === BSON_TYPE.missing || value.type === BSON_TYPE.null) return;
      if (!best || compareValues(value, best) * sign > 0) best = value;
    },
    result: () => best ?? NULL,
  };
}

function picked(which: 'first' | 'last'): Accumulator {
  let value: RawValue | undefined;
  return {
    add(next) {
      if (which === 'last' || !value) value = next;
    },
    result: () => (value && value.type !== BSON_TYPE.missing ? value : NULL),
  };
}

function list(isSet: boolean): Accumulator {
  const values: RawValue[] = [];
  const seen = new Set<string>();
  return {
    add(value) {
      if (value.type === BSON_TYPE.missing) return;
      if (isSet) {
        const key = orderKey(value).toString('latin1');
        if (seen.has(key)) return;
        seen.add(key);
      }
      values.push(value);
    },
    result: () => arrayOf(values),
  };
}

function counter(): Accumulator {
  let count = 0;
  return {
    add() {
      count++;
    },
    result: () => toRawValue(count),
  };
}
