/**
 * Three kinds of document for tests of what every hop does: a front has a middle, and a middle has an end.
 *
 * They use whatever a resource may have (a part, an amount, refusals of its own) and mean nothing.
 */
import { randomUUID } from 'node:crypto';
import { id, type Resource } from '@holdfast/shared/core/resource.ts';
import { z } from 'zod';

/** The last kind. What is called `nowhere` is refused. */
export const endKind = {
  singular: 'end',
  plural: 'ends',
  schema: z.looseObject({ id, text: z.string().min(1).max(1000) }),
  example: { id: 'e-1', text: 'home' },
  child: { pointer: '', of: (body) => body },
  refusedState: 'cancelled',
  refuse: ({ text }) => (text === 'nowhere' ? [{ pointer: '/text', detail: 'This leads nowhere.' }] : []),
} satisfies Resource<{ readonly id: string; readonly text: string }>;

const middleSchema = z.looseObject({ id, amount: z.number().min(0), end: endKind.schema });

/** The kind between. It has an amount, and above 1000 it is refused. */
export const middleKind = {
  singular: 'middle',
  plural: 'middles',
  schema: middleSchema,
  example: { id: 'm-1', amount: 12.5, end: endKind.example },
  child: { pointer: '/end', of: (body) => body.end, kind: endKind },
  refusedState: 'refunded',
  amount: (body) => body.amount,
  refuse: ({ amount }) => (amount > 1000 ? [{ pointer: '/amount', detail: 'This is above 1000.' }] : []),
} satisfies Resource<z.infer<typeof middleSchema>>;

const frontSchema = z.looseObject({ id, items: z.array(z.unknown()), middle: middleKind.schema });

/** The first kind, which a client sends. */
export const frontKind: Resource<z.infer<typeof frontSchema>> = {
  singular: 'front',
  plural: 'fronts',
  schema: frontSchema,
  example: { id: 'f-1', items: [], middle: middleKind.example },
  child: { pointer: '/middle', of: (body) => body.middle, kind: middleKind },
  refusedState: 'cancelled',
};

/** A good front, with ids of its own unless they are given. */
export function createDocument(id: string = randomUUID()) {
  return { id, items: [], middle: { id: `m-${id}`, amount: 0, end: { id: `e-${id}`, text: 'home' } } };
}
