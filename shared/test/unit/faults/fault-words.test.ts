/** The words of a fault, as the terminal, the stream and the page show them. */
import { expect, it } from 'vitest';
import type { FaultView } from '../../../src/faults/fault-events.ts';
import { toFaultLine } from '../../../src/faults/fault-words.ts';

const fault: FaultView = {
  name: 'short',
  type: 'error',
  phase: 'before',
  rate: 1,
  status: 500,
  ms: 800,
  jitterMs: 0,
  match: null,
  times: null,
  seed: null,
  seen: 0,
  hits: 0,
  since: 1000,
  expiresAt: 1020,
  leftMs: 19,
};

it.each([
  ['on', 1020, '⚡ fault on: short, 100% errors 500 before the save, for 20 ms'],
  ['changed', 61_000, '⚡ fault changed: short, 100% errors 500 before the save, for 60 s'],
  ['on', null, '⚡ fault on: short, 100% errors 500 before the save, until the end of the process'],
] as const)(
  'a fault that is %s until %s is said with the time that was asked for, not with what is left of it',
  (change, expiresAt, line) => {
    const leftMs = expiresAt === null ? null : 19;
    expect(toFaultLine({ at: 1001, change, reason: null, fault: { ...fault, expiresAt, leftMs } })).toBe(
      line,
    );
  },
);
