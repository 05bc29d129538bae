/**
 * `npm run replay -- ID`: puts a dead document back to work, in whichever collection of the chain it is.
 *
 * A document is dead when its deliveries kept ending the process, or when the next hop refused it for days; whether it is
 * tried again is an operator's decision.
 * Exit code 1: there is nothing to put back. 2: the database cannot be used.
 */
import { type Command, parseCommandLine, readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import type { Collection } from 'mongodb';
import { chain } from '../../chain.ts';
import { openOperatorDatabase, operatorNotes } from '../audit/database.ts';
import { toCollection } from '../audit/documents.ts';

const command = {
  name: 'npm run replay',
  does:
    'Puts a dead document back to work, in whichever collection of the chain it is: it is pending again, and what counted ' +
    'against it begins anew.',
  options: {},
  operands: { value: 'ID', what: 'document', about: 'the id of the document', count: 'one' },
  example: 'npm run replay -- 42',
  notes: `${operatorNotes} Exit code 1: there is nothing to put back. 2: the database cannot be used.`,
} satisfies Command;

const [id = ''] = readArguments(command, (args) => parseCommandLine(command, args).operands, {
  announce,
  complain,
});

try {
  const { db, ids, close } = await openOperatorDatabase();
  const outcomes: Outcome[] = [];
  for (const service of chain) outcomes.push(await replay(db.collection(toCollection(service, ids)), id));
  await close();
  const replayed = outcomes.filter(({ state }) => state === 'dead');
  const seen = outcomes.filter(({ state }) => state !== undefined);
  if (replayed.length > 0)
    announce(`"${id}" in ${list(replayed)} is pending again; the relay takes it at once.`);
  else if (seen.length === 0) complain(`There is no document "${id}".`);
  else
    complain(`Nothing is dead: "${id}" is ${seen.map((one) => `${one.state} in ${one.where}`).join(', ')}.`);
  process.exitCode = replayed.length > 0 ? 0 : 1;
} catch (error) {
  complain(`Nothing was put back: ${error instanceof Error ? error.message : error}`);
  process.exit(2);
}

interface Outcome {
  readonly where: string;
  /** The state before; `undefined` when the document is not in this collection. */
  readonly state: string | undefined;
}

/** Resets the counters, or it would be dead again at once. */
async function replay(collection: Collection, _id: string): Promise<Outcome> {
  const kept = collection as unknown as Collection<{ _id: string; state: string }>;
  const now = new Date();
  const counts = { 'out.n': 0, 'out.fails': 0, 'out.refusals': 0, 'out.ended': 0 };
  const out = { 'out.due': now, 'out.by': null, ...counts, 'out.firstAt': now };
  const changed = await kept.updateOne(
    { _id, state: 'dead' },
    { $set: { state: 'accepted', ...out }, $unset: { doneAt: 1 } },
    { writeConcern: { w: 'majority', journal: true } },
  );
  const where = collection.collectionName;
  if (changed.modifiedCount === 1) return { where, state: 'dead' };
  return { where, state: (await kept.findOne({ _id }, { projection: { state: 1 } }))?.state };
}

function list(outcomes: readonly Outcome[]): string {
  return outcomes.map(({ where }) => where).join(' and ');
}
