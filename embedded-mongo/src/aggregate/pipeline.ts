/**
 * Pipelines: the table of stages, and running them. A `$match`, `$sort`, `$skip` and `$limit` at the head
 * go into the query, so that indexes are used.
 */
import { BSON_TYPE, type RawField, type RawValue, readFields, readString } from '../bson/raw.ts';
import { toInteger } from '../bson/to-number.ts';
import { buildDocument, documentValue, toBson, toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { arrayOf } from '../expression/expression.ts';
import type { Query } from '../find/find.ts';
import { matches } from '../query/match.ts';
import { parseFilter } from '../query/parse-filter.ts';
import { parseSort, sortKey } from '../query/sort.ts';
import type { Store } from '../store/documents.ts';
import { groupStage, sortByCountStage } from './group.ts';
import { lookupStage } from './lookup.ts';
import { addFieldsStage, projectStage, replaceRootStage, unsetStage, unwindStage } from './shape.ts';
import type { Stage } from './stage.ts';

type Parse = (argument: RawField, store: Store, database: string) => Stage;

/** The supported stages; `$collStats` only as the first. */
export const STAGES: Readonly<Record<string, Parse>> = {
  $match: matchStage,
  $sort: sortStage,
  $limit: (argument) => limitStage(wholeNumber(argument, 1)),
  $skip: (argument) => skipStage(wholeNumber(argument, 0)),
  $count: countStage,
  $group: groupStage,
  $sortByCount: sortByCountStage,
  $project: projectStage,
  $addFields: addFieldsStage,
  $set: addFieldsStage,
  $unset: unsetStage,
  $replaceRoot: (argument) => replaceRootStage(newRootOf(argument)),
  $replaceWith: replaceRootStage,
  $unwind: unwindStage,
  $lookup: lookupStage,
  $facet: facetStage,
};

/** A parsed pipeline: the query, and the stages after it. */
export interface Pipeline {
  readonly query: Query;
  readonly stages: readonly Stage[];
}

/**
 * Parses a pipeline.
 *
 * @throws {CommandError} UnknownStage for stages outside the table, and the errors of the stages.
 */
export function parsePipeline(pipeline: readonly RawValue[], store: Store, database: string): Pipeline {
  const fields = pipeline.map(stageField);
  let at = 0;
  const takeHead = (name: string) => (fields[at]?.name === name ? fields[at++] : undefined);
  const match = takeHead('$match');
  const sort = takeHead('$sort');
  const skip = takeHead('$skip');
  const limit = takeHead('$limit');
  const query: Query = {
    filter: match ? parseMatch(match) : { kind: 'and', filters: [] },
    sort: sort ? parseSort(sort) : [],
    skip: skip ? wholeNumber(skip, 0) : 0,
    limit: limit ? wholeNumber(limit, 1) : 0,
  };
  return { query, stages: fields.slice(at).map((field) => parseStage(field, store, database)) };
}

/** Sends documents through the stages; `maxTimeMS` is checked for every document. */
export function runStages(
  stages: readonly Stage[],
  documents: Iterable<Buffer>,
  { checkTime }: Pick<Store, 'checkTime'>,
): Iterable<Buffer> {
  return stages.reduce((stream, stage) => watched(stage(stream), checkTime), documents);
}

function* watched(documents: Iterable<Buffer>, checkTime: () => void): Generator<Buffer, void> {
  for (const document of documents) {
    checkTime();
    yield document;
  }
}

function stageField(stage: RawValue): RawField {
  const fields = stage.type === BSON_TYPE.object ? readFields(stage.bytes, stage.start) : [];
  const [field] = fields;
  if (field && fields.length === 1) return field;
  throw new CommandError(
    'UnknownStage',
    'A pipeline stage specification object must contain exactly one field.',
  );
}

function parseStage(field: RawField, store: Store, database: string): Stage {
  const parse = Object.hasOwn(STAGES, field.name) ? STAGES[field.name] : undefined;
  if (!parse) throw new CommandError('UnknownStage', `Unrecognized pipeline stage name: '${field.name}'`);
  return parse(field, store, database);
}

function parseMatch(argument: RawValue) {
  if (argument.type === BSON_TYPE.object) return parseFilter(argument);
  throw new CommandError('BadValue', 'the match filter must be an expression in an object');
}

function matchStage(argument: RawValue): Stage {
  const filter = parseMatch(argument);
  return function* match(documents) {
    for (const document of documents) if (matches(filter, document, 0)) yield document;
  };
}

function sortStage(argument: RawValue, store: Store): Stage {
  const order = parseSort(argument);
  return function* sort(documents) {
    const keyed: { document: Buffer; key: Buffer }[] = [];
    const held = store.memory.open();
    try {
      for (const document of documents) {
        const key = sortKey(order, document);
        held.add(key.length + document.length);
        keyed.push({ document, key });
      }
      keyed.sort((left, right) => {
        store.checkTime();
        return Buffer.compare(left.key, right.key);
      });
      for (const { document } of keyed) yield document;
    } finally {
      held.end();
    }
  };
}

function limitStage(limit: number): Stage {
  return function* take(documents) {
    let left = limit;
    for (const document of documents) {
      yield document;
      if (--left === 0) return;
    }
  };
}

function skipStage(skip: number): Stage {
  return function* drop(documents) {
    let left = skip;
    for (const document of documents) {
      if (left > 0) left--;
      else yield document;
    }
  };
}

function countStage(argument: RawValue): Stage {
  const name = argument.type === BSON_TYPE.string ? readString(argument) : '';
  if (name === '' || name.startsWith('$') || name.includes('.')) {
    throw new CommandError(
      'BadValue',
      'the count field must be a non-empty string, without $ in front and without dots',
    );
  }
  return function* count(documents) {
    let total = 0;
    for (const _ of documents) total++;
    if (total > 0) yield toBson({ [name]: total });
  };
}

function facetStage(argument: RawValue, store: Store, database: string): Stage {
  if (argument.type !== BSON_TYPE.object)
    throw new CommandError('BadValue', 'the $facet specification must be an object');
  const facets = readFields(argument.bytes, argument.start).map((field) => {
    if (field.type !== BSON_TYPE.array)
      throw new CommandError('BadValue', `arguments to $facet must be arrays, ${field.name} is not`);
    const stages = readFields(field.bytes, field.start).map((stage) =>
      parseStage(stageField(stage), store, database),
    );
    return [field.name, stages] as const;
  });
  return function* facet(documents) {
    const held = store.memory.open();
    const keep = (stream: Iterable<Buffer>) => {
      const kept: Buffer[] = [];
      for (const document of stream) {
        held.add(document.length);
        kept.push(document);
      }
      return kept;
    };
    try {
      const all = keep(documents);
      yield buildDocument(
        facets.map(
          ([name, stages]) =>
            [name, arrayOf(keep(runStages(stages, all, store)).map(documentValue))] as const,
        ),
      );
    } finally {
      held.end();
    }
  };
}

function newRootOf(argument: RawValue): RawValue {
  const fields = argument.type === BSON_TYPE.object ? readFields(argument.bytes, argument.start) : [];
  return fields.find(({ name }) => name === 'newRoot') ?? toRawValue(null);
}

function wholeNumber(argument: RawField, least: number): number {
  const number = toInteger(argument);
  if (number !== undefined && number >= least) return number;
  throw new CommandError(
    'BadValue',
    `the argument of ${argument.name} must be a whole number, at least ${least}`,
  );
}
