/** The id that names a request in logs, along the whole chain. */
import { randomUUID } from 'node:crypto';

/** What an id from a client must look like to be used. */
export const requestIdForm = /^[A-Za-z0-9._:-]{1,64}$/;

/** The caller's request id if it is well-formed, else a new one. */
export function toRequestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && requestIdForm.test(header) ? header : randomUUID();
}
