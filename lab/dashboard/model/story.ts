/**
 * The story of one order, as rows in the sequence of time: what its customer was answered, what each service did with
 * it, and what happened in the chain meanwhile.
 *
 * What lasts comes from the records; attempts, waits and refusals come from the steps, which the services remember for
 * a while.
 */
import type { KeptDocument, LabStory, StoryPart } from '../../server/story-wire.ts';
import type { LabStep } from '../../server/wire.ts';
import { toShortHost } from './chain.ts';
import { toBackgroundRow, toStretches } from './story-background.ts';
import { type DeliveryContext, toDeliveryRows } from './story-deliveries.ts';
import { type Row, type RowOf, ranks, toRowOf } from './story-rows.ts';
import { toCustomerWords, toEndWords, toLength, toMoneyWords } from './story-words.ts';

/** A story, ready to be drawn. */
export interface Story {
  readonly id: string;
  readonly kind: 'done' | 'pending' | 'undone' | 'failed';
  readonly headline: string;
  readonly from: number;
  readonly to: number;
  /** The oldest first. */
  readonly rows: readonly Row[];
  /** The services, from the front door to the end of the chain. */
  readonly services: readonly string[];
  /** What may be missing, and why. */
  readonly notes: readonly string[];
}

/** Makes the story; `now` is the lab's time, up to which a pending order waits. */
export function toStory(told: LabStory, now: number): Story {
  const until = Math.max(now, told.at);
  const context = toContext(told, until);
  const own = told.parts.flatMap((part, level) => toRows(part, level, context));
  const starts = own.map(({ at }) => at);
  const from = starts.length === 0 ? told.at : Math.min(...starts);
  const isPending = isOpen(told);
  const ends = own.map(({ at, endAt }) => Math.min(endAt ?? at, isPending ? until : (endAt ?? at)));
  const to = isPending ? until : Math.max(from, ...ends);
  const rows = [...own, ...told.entries.map((entry) => toBackgroundRow(entry))].sort(byTime);
  return {
    id: told.id,
    ...toHeadline(told, from, until),
    from,
    to,
    rows,
    services: told.parts.map(({ service }) => service),
    notes: toNotes(told.parts),
  };
}

/** Whether more will happen to the order by itself. */
export function isOpen({ parts }: LabStory): boolean {
  return parts.some(({ document }) => document?.status === 'pending');
}

/** What the rows of a part need to know of all else. */
interface Context extends DeliveryContext {
  readonly parts: readonly StoryPart[];
}

function toContext({ parts, entries }: LabStory, now: number): Context {
  const sent = parts.flatMap(({ steps }) => steps.flatMap(({ attempts }) => attempts ?? []));
  const hosts = [...new Set(sent.map(({ url }) => toHost(url)))];
  const stretches = toStretches(entries, 0, now);
  return { parts, now, stretches, toPlace: (url) => toShortHost(toHost(url), hosts) };
}

function toHost(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function toRows(part: StoryPart, level: number, context: Context): Row[] {
  const { parts, now } = context;
  const { document, steps, service } = part;
  const row = toRowOf(service, level);
  const handedOn = steps.filter(({ step }) => step === 'handed-on');
  const answered = steps.filter(({ step }) => step === 'answered');
  return [
    ...(document === null
      ? []
      : toRecordRows(document, row, { first: answered[0], level, endedAt: toEndedAt(part) })),
    ...handedOn.flatMap((step, index) =>
      toDeliveryRows(step, { following: handedOn[index + 1], document, row, context }),
    ),
    ...(document === null ? [] : toHeldRows(document, row, now)),
    ...(level === 0
      ? answered.flatMap((step, index) => toCustomerRows(step, index > 0))
      : toUnheardRows(answered, parts[level - 1]?.steps ?? [], row)),
  ];
}

/** What the record says: when the document came and ended, and how money moved. */
function toRecordRows(
  document: KeptDocument,
  row: RowOf,
  { first, level, endedAt }: { first: LabStep | undefined; level: number; endedAt: number | undefined },
): Row[] {
  const { acceptedAt, status, ledger = [], problem } = document;
  const quiet = { endAt: null, tone: 'quiet', detail: null, instance: null } as const;
  const instance = first?.instance ?? null;
  return [
    row('kept', Date.parse(acceptedAt), {
      ...quiet,
      instance,
      text: level === 0 ? 'keeps it: from here on it comes to an end' : 'keeps its part',
    }),
    ...ledger.map(({ t, amount, at }) =>
      row(t === 'charge' ? 'charge' : 'money', Date.parse(at), { ...quiet, ...toMoneyWords(t, amount) }),
    ),
    ...(endedAt === undefined
      ? []
      : [
          row('end', endedAt, {
            ...quiet,
            ...toEndWords(status),
            detail: problem?.detail ?? null,
          }),
        ]),
  ];
}

/**
 * When a service knew the end of its document: with the delivery that brought it. What is stored is when the last hop was
 * done, which an earlier one may learn much later.
 */
function toEndedAt({ document, steps }: StoryPart): number | undefined {
  if (document?.doneAt === undefined) return undefined;
  const brought = steps.find(({ step, status }) => step === 'handed-on' && status === document.status);
  return brought?.at ?? Date.parse(document.doneAt);
}

/** Who has it now. */
function toHeldRows({ heldBy, nextTryAt, status }: KeptDocument, row: RowOf, now: number): Row[] {
  if (status !== 'pending' || heldBy == null) return [];
  const lease = nextTryAt == null ? '' : `; its lease ends in ${toLength(Date.parse(nextTryAt) - now)}`;
  const text = `is handing it on now${lease}`;
  return [row('lease', now, { endAt: null, tone: 'wait', text, detail: null, instance: heldBy })];
}

function toCustomerRows(step: LabStep, isRepeat: boolean): Row[] {
  const row = toRowOf('customer', -1);
  const cameAt = step.at - step.ms;
  const plain = { endAt: null, detail: null, instance: null } as const;
  const sends = isRepeat ? 'sends it again' : 'sends the order';
  return [
    row('came', cameAt, { ...plain, tone: 'quiet', text: sends }),
    row('answer', step.at, { ...plain, ...toCustomerWords(step), detail: isRepeat ? null : toReason(step) }),
  ];
}

function toReason({ httpStatus, reason }: LabStep): string | null {
  return httpStatus !== null && httpStatus >= 400 ? reason : null;
}

/** Answers that no attempt of the service before got: it had stopped waiting, or nobody remembers the attempt. */
function toUnheardRows(answered: readonly LabStep[], before: readonly LabStep[], row: RowOf): Row[] {
  const attempts = before.flatMap(({ attempts: sent = [] }) => sent);
  const slackMs = 50;
  return answered
    .filter((step) => !attempts.some(({ at, ms }) => step.at >= at - slackMs && step.at <= at + ms + slackMs))
    .map((step) =>
      row('attempt', step.at - step.ms, {
        endAt: step.at,
        tone: 'quiet',
        text: `answers ${step.httpStatus ?? step.status} after ${toLength(step.ms)}${attempts.length > 0 ? ', when nobody waited any more' : ''}`,
        detail: null,
        instance: step.instance,
      }),
    );
}

function toHeadline(told: LabStory, from: number, now: number): Pick<Story, 'kind' | 'headline'> {
  const [first] = told.parts;
  const document = first?.document ?? null;
  if (document === null) {
    const last = first?.steps.at(-1);
    if (last === undefined) return { kind: 'failed', headline: `${first?.service} cannot be asked now` };
    return { kind: 'failed', headline: `not kept: answered ${last.httpStatus ?? last.status}` };
  }
  const { status, nextTryAt, heldBy, problem } = document;
  const endedAt = first === undefined ? undefined : toEndedAt(first);
  const took = toLength((endedAt ?? now) - from);
  switch (status) {
    case 'completed':
      return { kind: 'done', headline: `completed after ${took}` };
    case 'pending': {
      const leftMs = nextTryAt == null ? 0 : Date.parse(nextTryAt) - now;
      const next = heldBy != null ? 'in work' : leftMs > 0 ? `next try in ${toLength(leftMs)}` : 'due';
      return { kind: 'pending', headline: `pending for ${took} · ${next}` };
    }
    case 'dead':
      return { kind: 'failed', headline: 'put aside: it needs a person' };
    default:
      return {
        kind: 'undone',
        headline: `${status} after ${took}${problem === undefined ? '' : `: ${problem.detail}`}`,
      };
  }
}

function toNotes(parts: readonly StoryPart[]): string[] {
  const missing = parts.flatMap((part) => part.missing);
  const forgotten = parts
    .filter(({ document, steps }) => document !== null && steps.length === 0)
    .map(({ service }) => service);
  return forgotten.length === 0
    ? missing
    : [
        ...missing,
        `No attempts are remembered of ${forgotten.join(', ')}: what is shown is from the records.`,
      ];
}

/** Ties: what causes comes before what follows, on the way in from the front door, on the way back from the end. */
function byTime(a: Row, b: Row): number {
  const byRank = ranks[a.kind] - ranks[b.kind];
  const inward = a.level - b.level;
  return a.at - b.at || byRank || (ranks[a.kind] >= ranks.money ? -inward : inward);
}
