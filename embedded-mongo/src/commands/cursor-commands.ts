/** getMore, killCursors, and the end of sessions. */
import { Long } from 'bson';
import { elementsOf } from '../bson/path.ts';
import { BSON_TYPE } from '../bson/raw.ts';
import { toLong } from '../bson/to-number.ts';
import { CommandError } from '../core/errors.ts';
import type { Context, Reply } from './context.ts';
import { cursorReply } from './cursor-reply.ts';
import { joinNamespace, type Request } from './request.ts';

/** `getMore`: the next batch of a cursor. */
export function getMore(request: Request, context: Context): Reply {
  const field = request.fields.get('getMore');
  const id = field?.type === BSON_TYPE.long ? toLong(field) : undefined;
  if (id === undefined) throw new CommandError('TypeMismatch', "Field 'getMore' must be a long");
  const collection = request.string('collection') ?? '';
  const namespace = collection.startsWith('$cmd.')
    ? `${request.database}.${collection}`
    : joinNamespace(request.database, collection);
  const batch = context.cursors.next(id, namespace, request.count('batchSize'), context.time.check);
  return cursorReply('nextBatch', namespace, batch);
}

/** `killCursors`. */
export function killCursors(request: Request, context: Context): Reply {
  const list = request.fields.get('cursors');
  if (list?.type !== BSON_TYPE.array)
    throw new CommandError('TypeMismatch', "Field 'cursors' must be an array");
  const killed: Long[] = [];
  const missing: Long[] = [];
  for (const element of elementsOf(list)) {
    const id = toLong(element) ?? 0n;
    (context.cursors.kill(id) ? killed : missing).push(Long.fromBigInt(id));
  }
  return { cursorsKilled: killed, cursorsNotFound: missing, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
}
