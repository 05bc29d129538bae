/** One sentence per transition, and per event of the lab's own, for screen readers. */
import { type LabEntry, labKinds, type ServiceEntry } from '../../server/wire.ts';
import { toMs, toSpoken, toWholeSeconds } from './format.ts';

type Transition = ServiceEntry & { readonly event: 'transition' };

/** A transition, or what the lab tells itself, in one sentence; nothing for the other events. */
export function toSentence(entry: LabEntry): string | undefined {
  if (entry.event === 'transition') return toTransitionSentence(entry);
  if (!labKinds.some((kind) => kind === entry.event) || !('text' in entry)) return undefined;
  return `${entry.text.charAt(0).toUpperCase()}${entry.text.slice(1)}.`;
}

/** `The breaker order to payment opened: 3 of 5 calls failed. Probe in 10 s.` */
function toTransitionSentence(entry: Transition): string {
  const breaker = `The breaker ${toSpoken(entry.name)}`;
  switch (entry.to) {
    case 'open':
      return `${breaker} ${toOpened(entry)}.${toProbe(entry)}`;
    case 'half_open':
      return `${breaker} is half-open: the next call is the probe.`;
    case 'forced_open':
      return `${breaker} is held open by hand.${toUntil(entry)}`;
    case 'disabled':
      return `${breaker} is bypassed by hand and lets every call pass.${toUntil(entry)}`;
    case 'closed':
      return `${breaker} closed: ${toClosed(entry)}.`;
  }
}

function toOpened({ reason, because }: Transition): string {
  if (reason === 'probe-failed') return 'opened again: its probe failed';
  if (reason === 'probe-timeout') return 'opened again: its probe timed out';
  if (reason === 'silent') return 'opened: a call timed out, and there is no sign of life';
  return because === null ? 'opened' : `opened: ${because.failures} of ${because.calls} calls failed`;
}

function toClosed({ reason, probeMs }: Transition): string {
  if (reason === 'probe-ok') return `its probe succeeded after ${toMs(probeMs ?? 0)}`;
  return reason === 'expired' ? 'its forced state has ended' : 'it was released by hand';
}

function toProbe({ probeAt, at }: Transition): string {
  return probeAt === null ? '' : ` Probe in ${toWholeSeconds(probeAt - at)}.`;
}

function toUntil({ until, at }: Transition): string {
  return until === null ? '' : ` For ${toWholeSeconds(until - at)} at most.`;
}
