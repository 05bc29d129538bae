/** `explain`: which plan a command would use and what it examines (https://www.mongodb.com/docs/manual/reference/explain-results/). */
import type { Document } from 'bson';
import { parsePipeline } from '../aggregate/pipeline.ts';
import { BSON_TYPE, findField, type RawValue, readFields, readString } from '../bson/raw.ts';
import { toInteger } from '../bson/to-number.ts';
import { documentValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { findDocuments, type Query } from '../find/find.ts';
import { hintOf } from '../find/hint.ts';
import { makePlan, type Plan } from '../find/plan.ts';
import { parseFilter } from '../query/parse-filter.ts';
import { parseSort } from '../query/sort.ts';
import { keyPatternOf } from '../store/duplicate.ts';
import { pipelineOf } from './aggregate.ts';
import { findCollection } from './collections.ts';
import type { Context, Reply } from './context.ts';
import { FOLLOWED_VERSION } from './hello.ts';
import { joinNamespace, Request } from './request.ts';

const EMPTY = documentValue(Buffer.from([5, 0, 0, 0, 0]));

/** Explains find, count, distinct, aggregate, update, delete and findAndModify; changes nothing. */
export function explain(request: Request, context: Context): Reply {
  const inner = request.document('explain');
  if (!inner) throw new CommandError('FailedToParse', 'explain needs a command');
  const command = new Request(Buffer.from(inner.bytes.subarray(inner.start, inner.end)), new Map());
  const target = command.fields.get(command.name);
  if (target?.type !== BSON_TYPE.string)
    throw new CommandError('InvalidNamespace', 'explain needs a collection');
  const namespace = joinNamespace(request.database, readString(target));
  const info = findCollection(context, namespace);
  const query = queryOf(command, context, request.database);
  const planner = { namespace, indexFilterSet: false };
  const server = { version: FOLLOWED_VERSION, embedded: true };
  if (!info)
    return {
      queryPlanner: { ...planner, winningPlan: { stage: 'EOF' }, rejectedPlans: [] },
      serverInfo: server,
      ok: 1,
    };
  const hint = hintOf(command.fields.get('hint'), info);
  const winningPlan = describe(makePlan(info, query.filter, query.sort, hint), query);
  const reply = {
    explainVersion: '1',
    queryPlanner: { ...planner, winningPlan, rejectedPlans: [] },
    serverInfo: server,
    ok: 1,
  };
  if (request.string('verbosity') === 'queryPlanner') return reply;
  const examined = { keys: 0, documents: 0 };
  let nReturned = 0;
  for (const _ of findDocuments(context, info, { ...query, hint }, examined)) nReturned++;
  const { keys: totalKeysExamined, documents: totalDocsExamined } = examined;
  return {
    ...reply,
    executionStats: { executionSuccess: true, nReturned, totalKeysExamined, totalDocsExamined },
  };
}

function describe(plan: Plan, query: Query): Document {
  let stage: Document;
  if (plan.kind === 'id') stage = { stage: 'IDHACK' };
  else if (plan.kind === 'collection')
    stage = { stage: 'COLLSCAN', direction: plan.ranges[0]?.reverse ? 'backward' : 'forward' };
  else {
    const { index } = plan;
    const scan = {
      stage: 'IXSCAN',
      indexName: index?.name,
      keyPattern: keyPatternOf(index?.parts ?? []),
      isMultiKey: index?.isMultikey ?? false,
      isUnique: index?.unique ?? false,
      isSparse: index?.sparse ?? false,
      isPartial: index?.partial !== undefined,
      direction: plan.ranges[0]?.reverse ? 'backward' : 'forward',
    };
    stage = { stage: 'FETCH', inputStage: scan };
  }
  if (!plan.isSorted) stage = { stage: 'SORT', inputStage: stage };
  if (query.skip > 0) stage = { stage: 'SKIP', skipAmount: query.skip, inputStage: stage };
  if (query.limit > 0) stage = { stage: 'LIMIT', limitAmount: query.limit, inputStage: stage };
  return stage;
}

function queryOf(command: Request, context: Context, database: string): Query {
  const of = (filter: RawValue | undefined, sort?: RawValue, skip = 0, limit = 0): Query => ({
    filter: parseFilter(filter ?? EMPTY),
    sort: parseSort(sort ?? EMPTY),
    skip,
    limit,
  });
  switch (command.name) {
    case 'find':
    case 'count':
    case 'distinct':
      return of(
        command.document('filter') ?? command.document('query'),
        command.document('sort'),
        command.count('skip'),
        command.count('limit'),
      );
    case 'findAndModify':
      return of(command.document('query'), command.document('sort'), 0, 1);
    case 'aggregate':
      return parsePipeline(pipelineOf(command), context, database).query;
    case 'update': {
      const [statement] = command.documents('updates');
      const multi = statement && findField(statement, 0, Buffer.from('multi'));
      return of(statementQuery(statement), undefined, 0, multi?.bytes[multi.start] === 1 ? 0 : 1);
    }
    case 'delete': {
      const [statement] = command.documents('deletes');
      const limit = statement && readFields(statement, 0).find(({ name }) => name === 'limit');
      return of(statementQuery(statement), undefined, 0, limit ? toInteger(limit) : 0);
    }
    default:
      throw new CommandError('CommandNotFound', `Explain failed due to unknown command: ${command.name}`);
  }
}

function statementQuery(statement: Buffer | undefined): RawValue | undefined {
  const query = statement && findField(statement, 0, Buffer.from('q'));
  return query?.type === BSON_TYPE.object ? query : undefined;
}
