/**
 * `npm run rotate-key`: gives the chain a new key, without a pause and without a restart.
 *
 * The new key signs a minute later, when every service has read it; the one before stays valid until a later rotation.
 * Exit code 1: there is no key to replace, or it was replaced just now. 2: the database cannot be used.
 */
import { type Command, parseCommandLine, readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { rotate } from '@holdfast/shared/proof/chain-keys.ts';
import type { KeyDocument } from '@holdfast/shared/store/mongo-chain-keys.ts';
import { openOperatorDatabase, operatorNotes } from '../audit/database.ts';

const command = {
  name: 'npm run rotate-key',
  does:
    'Adds a key to those by which the hops of a chain know each other. It signs a minute later, when every service has read ' +
    'it; keys that had been replaced more than ten minutes ago are taken away. To make a key worthless that somebody may ' +
    'have seen, rotate twice, fifteen minutes apart.',
  options: {},
  example: 'npm run rotate-key',
  notes:
    `${operatorNotes} Services with CHAIN_KEY do not read it: start all of them with CHAIN_KEY=old,new, then with new,old, ` +
    'then with new. Exit code 1: there is no key to replace, or it was replaced just now. 2: the database cannot be used.',
} satisfies Command;

readArguments(command, (args) => parseCommandLine(command, args), { announce, complain });
try {
  process.exitCode = await rotateKeys();
} catch (error) {
  complain(`No key was changed: ${error instanceof Error ? error.message : error}`);
  process.exit(2);
}

async function rotateKeys(): Promise<number> {
  const { db, close } = await openOperatorDatabase();
  try {
    const chainKeys = db.collection<KeyDocument>('chain');
    const document = await chainKeys.findOne({ _id: 'key' });
    if (document === null) {
      complain('There is no key yet: the first hop to start makes one.');
      return 1;
    }
    const keys = rotate(document.keys, new Date());
    const { modifiedCount } = await chainKeys.updateOne(
      { _id: 'key', keys: document.keys },
      { $set: { keys } },
      { writeConcern: { w: 'majority', journal: true } },
    );
    if (modifiedCount !== 1) {
      complain('Somebody else has just changed the keys. Nothing was done.');
      return 1;
    }
    announce(`A new key signs from ${keys.at(-1)?.from.toISOString()} on; ${keys.length} keys are believed.`);
    return 0;
  } finally {
    await close();
  }
}
