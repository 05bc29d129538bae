/**
 * The words of the page, each in one or two sentences: its tooltips, its glossary, and docs/glossary.md are made of them.
 */

/** One word. */
export interface Word {
  readonly name: string;
  readonly means: string;
}

/** Every word by the name that the page refers to it by, in the sequence of the glossary. */
export const glossary = {
  breaker: {
    name: 'breaker',
    means:
      'A circuit breaker: it stands before each call to the next service. When too many calls fail it stops them, so that nobody waits for a service that is down, and that service gets time to recover.',
  },
  closed: {
    name: 'closed',
    means: 'The normal state: every call passes, and the breaker counts how they end.',
  },
  open: {
    name: 'open',
    means: 'Too many calls failed: every call is turned away at once, until the time of the next probe.',
  },
  halfOpen: {
    name: 'half-open',
    means: 'The open time is over: one call may pass, the probe, and the others are still turned away.',
  },
  probe: {
    name: 'probe',
    means:
      'The single call that finds out whether the next service is back. When it succeeds the breaker closes, when it fails it opens again for longer.',
  },
  forcedOpen: {
    name: 'forced open',
    means: 'Held open by hand: no call passes until it is released or its time is over.',
  },
  bypass: {
    name: 'bypassed',
    means: 'Switched off by hand: every call passes and is counted, and nothing opens the breaker.',
  },
  window: {
    name: 'window',
    means:
      'How far back the breaker counts: the last seconds, in ten buckets, of which the oldest falls out.',
  },
  threshold: {
    name: 'threshold',
    means:
      'The share of failed calls in the window above which the breaker opens, once there were enough calls to judge.',
  },
  rejected: {
    name: 'rejected',
    means: 'Turned away by an open breaker: nothing was sent, and the next service did not notice.',
  },
  noSlot: {
    name: 'no slot',
    means:
      'Turned away by the bulkhead, which allows only so many calls at once. It says nothing against the next service.',
  },
  bulkhead: {
    name: 'bulkhead',
    means:
      'The most calls to one service that may be under way at once, so that a slow one cannot use up everything.',
  },
  timeout: {
    name: 'timed out',
    means: 'No answer within the time that one call may take. It counts as a failure.',
  },
  late: {
    name: 'late',
    means:
      'A call that ended in another state of the breaker than it began in: it is counted and decides nothing.',
  },
  ignored: {
    name: 'ignored',
    means:
      'A call that says nothing about the health of the next service: its caller left, or the document itself was refused.',
  },
  latency: {
    name: 'p50, p95, p99',
    means:
      'The time within which 50, 95 or 99 of 100 calls had their answer. Rejected calls are not among them.',
  },
  inFlight: {
    name: 'in flight',
    means: 'Calls that were sent and have not ended yet.',
  },
  shadow: {
    name: 'shadow',
    means: 'A trial of other settings: a second breaker judges the same calls and decides nothing.',
  },
  replay: {
    name: 'replay',
    means:
      'A trial of all settings in virtual time: the next service is fitted from recorded calls and meets each setting, so that a retry is one more call for it.',
  },
  policy: {
    name: 'policy',
    means:
      'All settings of the way to the next service together: deadline, bulkhead, attempts, retry budget, breaker, and the time of an attempt.',
  },
  fault: {
    name: 'fault',
    means: 'A failure that somebody asked for: errors, delays, dropped connections. It ends by itself.',
  },
  pending: {
    name: 'pending',
    means:
      'Kept in the database and not finished: the customer has got 202, and the relay carries it on. One order counts once, however many services still have work with it.',
  },
  relay: {
    name: 'relay',
    means:
      'The part of each service that carries on what is pending, by itself, until it is finished. It waits longer after each failure.',
  },
  lease: {
    name: 'lease',
    means:
      'The right of one instance to work on a pending document for a few seconds, so that two instances do not do the same work.',
  },
  completed: {
    name: 'completed',
    means: 'Done at every service of the chain.',
  },
  cancelled: {
    name: 'cancelled',
    means: 'Finally refused by a service further on, so what was done before it was taken back.',
  },
  dead: {
    name: 'dead',
    means: 'Given up after many attempts. It is kept, and `npm run replay -- ID` puts it back.',
  },
  lost: {
    name: 'lost, doubled',
    means:
      'What the audit looks for: an order that was accepted and is nowhere, or is done twice. Both stay 0.',
  },
} as const satisfies Readonly<Record<string, Word>>;

/** The names by which the page refers to words. */
export type WordName = keyof typeof glossary;

/** All words in their sequence. */
export const words = Object.entries(glossary) as readonly [WordName, Word][];

/** docs/glossary.md, whole. */
export function toGlossaryPage(): string {
  const rows = words.map(([, { name, means }]) => `| ${name} | ${means} |`);
  return `# Glossary

The words of the dashboard and of these documents. The dashboard has the same list under **Words** (key \`g\`).

![A breaker is closed, opens when too many calls fail, and is half-open while a probe finds out whether to close](../lab/dashboard/breaker-states.svg)

| word | what it means |
| --- | --- |
${rows.join('\n')}
`;
}
