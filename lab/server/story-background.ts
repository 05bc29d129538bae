/**
 * What happened in the chain while an order was under way: transitions, faults, deaths, settings. Rejections are left
 * out: those of the order are among its own steps.
 */
import type { BufferedEntry } from './entry-ring.ts';
import type { StoryPart } from './story-wire.ts';
import type { LabEntry } from './wire.ts';

/** Most events of one story: the oldest and the newest of more are the ones that are told. */
const most = 200;

/** Events before the order that are looked at for how the breakers were when it came, and what was broken. */
const lookBack = 100;

/** The events of a story, the oldest first, and before them what made the chain unlike a healthy one when it came. */
export function toBackground(
  entries: readonly BufferedEntry[],
  parts: readonly StoryPart[],
  now: number,
): LabEntry[] {
  const { from, to } = toSpan(parts, now);
  if (from === undefined) return [];
  const told = entries.filter(({ event, at }) => event !== 'rejections' && at <= to);
  const meanwhile = told.filter(({ at }) => at >= from).map(parse);
  const isState = ({ event }: BufferedEntry) => ['transition', 'fault', 'process'].includes(event);
  const before = told.filter((entry) => entry.at < from && isState(entry)).slice(-lookBack);
  return [
    ...toLast(before.map(parse)).filter((entry) => isUnhealthy(entry, from)),
    ...meanwhile.slice(0, most / 2),
    ...meanwhile.slice(most / 2).slice(-most / 2),
  ];
}

/** The last change of each breaker and fault; a process that is lost takes its own with it. */
function toLast(entries: readonly LabEntry[]): LabEntry[] {
  const last = new Map<string, LabEntry>();
  for (const entry of entries) {
    if (entry.event !== 'process') last.set(toSubject(entry), entry);
    else if (entry.level !== 'good')
      for (const [subject, { instance }] of last) if (instance === entry.instance) last.delete(subject);
  }
  return [...last.values()];
}

/** What a transition or a change of a fault is about. */
function toSubject(entry: LabEntry): string {
  if (entry.event === 'transition') return `${entry.instance} ${entry.name}`;
  return entry.event === 'fault' ? `${entry.instance} fault ${entry.fault.name}` : entry.id;
}

function isUnhealthy(entry: LabEntry, at: number): boolean {
  if (entry.event === 'transition') return entry.to !== 'closed';
  if (entry.event !== 'fault' || entry.change === 'off') return false;
  return entry.fault.expiresAt === null || entry.fault.expiresAt > at;
}

/** From the moment at which the order came to its end; until now while it is pending anywhere. */
function toSpan(parts: readonly StoryPart[], now: number): { from: number | undefined; to: number } {
  const steps = parts.flatMap((part) => part.steps);
  const begun = [
    ...parts.flatMap(({ document }) => (document === null ? [] : [Date.parse(document.acceptedAt)])),
    ...steps.map(({ at, ms }) => at - ms),
  ];
  const isPending = parts.some(({ document }) => document?.status === 'pending');
  const ended = [
    ...parts.flatMap(({ document }) => (document?.doneAt === undefined ? [] : [Date.parse(document.doneAt)])),
    ...steps.map(({ at }) => at),
  ];
  return {
    from: begun.length === 0 ? undefined : Math.min(...begun),
    to: isPending || ended.length === 0 ? now : Math.max(...ended) + 1,
  };
}

function parse({ text }: BufferedEntry): LabEntry {
  return JSON.parse(text) as LabEntry;
}
