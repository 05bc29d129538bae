/**
 * Puts values in the place of `{{…}}`, as REST Client does: variables of the file, `{{$guid}}`, and parts of earlier
 * answers, `{{create.response.body.$.id}}` and `{{create.response.headers.Location}}`.
 *
 * A placeholder without a value is an error, since a request with `{{…}}` in it tests something else.
 */
import { randomUUID } from 'node:crypto';
import type { Reply } from './expectation.ts';
import { parsePath, walk } from './path.ts';

/** The sources of values. */
export interface Sources {
  variable(name: string): unknown;
  /** The answer to the request of this name; `undefined` when it was not sent. */
  reply(name: string): Pick<Reply, 'headers' | 'body'> | undefined;
}

/** A `{{…}}` that has no value. */
export class PlaceholderError extends Error {
  override readonly name = 'PlaceholderError';
}

/** Fills a text in. @throws {PlaceholderError} when a place has no value. */
export function fillIn(text: string, sources: Sources): string {
  return text.replaceAll(/\{\{(.*?)\}\}/g, (_whole, inside: string) => toText(inside.trim(), sources));
}

function toText(name: string, sources: Sources): string {
  if (name === '$guid') return randomUUID();
  const value = name.includes('.response.') ? ofReply(name, sources) : sources.variable(name);
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new PlaceholderError(`{{${name}}} has no value that can stand in a text`);
}

function ofReply(name: string, sources: Sources): unknown {
  const [, request = '', header, path] =
    /^([\w-]+)\.response\.(?:headers\.([\w-]+)|body\.\$(.*))$/.exec(name) ?? [];
  const reply = sources.reply(request);
  if (reply === undefined) throw new PlaceholderError(`{{${name}}}: "${request}" was not sent before`);
  if (header !== undefined) return reply.headers[header.toLowerCase()];
  return walk(reply.body, parsePath(path ?? ''));
}
