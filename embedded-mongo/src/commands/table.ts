/**
 * The supported commands, by their names on the wire. Any other is CommandNotFound. The README has this table; a test
 * compares them.
 */

import { aggregate, count, distinct } from './aggregate.ts';
import type { Handler } from './context.ts';
import { getMore, killCursors } from './cursor-commands.ts';
import { deleteDocuments } from './delete.ts';
import { explain } from './explain.ts';
import { find } from './find.ts';
import { findAndModify } from './find-and-modify.ts';
import {
  acknowledge,
  buildInfo,
  connectionStatus,
  getCmdLineOpts,
  getLog,
  getParameter,
  hello,
  hostInfo,
  serverStatus,
  whatsMyUri,
} from './hello.ts';
import { createIndexes, dropIndexes, listIndexes } from './indexes.ts';
import { insert } from './insert.ts';
import {
  collStats,
  create,
  dbStats,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  renameCollection,
} from './namespaces.ts';
import { saslContinue, saslStart } from './scram.ts';
import { update } from './update.ts';

/** Handlers by command name. */
export const COMMANDS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['hello', hello],
  ['isMaster', hello],
  ['ismaster', hello],
  ['ping', acknowledge],
  ['buildInfo', buildInfo],
  ['buildinfo', buildInfo],
  ['connectionStatus', connectionStatus],
  ['saslStart', saslStart],
  ['saslContinue', saslContinue],
  ['endSessions', acknowledge],
  ['refreshSessions', acknowledge],
  ['whatsmyuri', whatsMyUri],
  ['getCmdLineOpts', getCmdLineOpts],
  ['getLog', getLog],
  ['getParameter', getParameter],
  ['hostInfo', hostInfo],
  ['serverStatus', serverStatus],
  ['insert', insert],
  ['update', update],
  ['delete', deleteDocuments],
  ['find', find],
  ['getMore', getMore],
  ['killCursors', killCursors],
  ['aggregate', aggregate],
  ['count', count],
  ['distinct', distinct],
  ['explain', explain],
  ['findAndModify', findAndModify],
  ['findandmodify', findAndModify],
  ['createIndexes', createIndexes],
  ['listIndexes', listIndexes],
  ['dropIndexes', dropIndexes],
  ['create', create],
  ['drop', drop],
  ['dropDatabase', dropDatabase],
  ['renameCollection', renameCollection],
  ['listCollections', listCollections],
  ['listDatabases', listDatabases],
  ['collStats', collStats],
  ['dbStats', dbStats],
]);
