/**
 * What happened in the chain while an order was under way: transitions, faults, deaths, settings. Rejections are left
 * out: those of the order are among its own steps.
 */
import type { BufferedEntry } from './entry-ring.ts';
import type { StoryPart } from './story-wire.ts';
import type { LabEntry } from './wire.ts';

/** Most events of one story: the oldest and the newest of more are the ones that are told. */
const most = 200;

/** Transitions before the order that are looked at for how the breakers were when it came. */
const lookBack = 60;

/** The events of a story, the oldest first, and before them the last transition of each breaker. */
export function toBackground(
  entries: readonly BufferedEntry[],
  parts: readonly StoryPart[],
  now: number,
): LabEntry[] {
  const { from, to } = toSpan(parts, now);
  if (from === undefined) return [];
  const told = entries.filter(({ event, at }) => event !== 'rejections' && at <= to);
  const meanwhile = told.filter(({ at }) => at >= from).map(parse);
  const before = told.filter(({ event, at }) => event === 'transition' && at < from).slice(-lookBack);
  const last = new Map(
    before
      .map(parse)
      .flatMap((entry) => ('name' in entry ? [[`${entry.instance} ${entry.name}`, entry]] : [])),
  );
  return [...last.values(), ...meanwhile.slice(0, most / 2), ...meanwhile.slice(most / 2).slice(-most / 2)];
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
