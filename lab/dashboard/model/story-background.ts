/** What happened in the chain while an order was under way, as rows and as stretches in which a breaker let nothing pass. */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import type { LabEntry } from '../../server/wire.ts';
import type { Row } from './story-rows.ts';

/** The row of an event. */
export function toBackgroundRow(entry: LabEntry): Row {
  const { at, id, instance, origin } = entry;
  const row = { key: id, kind: 'meanwhile', at, endAt: null, service: origin, level: 0, instance } as const;
  switch (entry.event) {
    case 'transition': {
      const tone = entry.to === 'closed' ? 'good' : entry.to === 'open' ? 'bad' : 'wait';
      return { ...row, tone, text: `${entry.name} ${transitionWords[entry.to]}`, detail: entry.why };
    }
    case 'process':
    case 'database':
    case 'lab':
    case 'traffic': {
      const tone = entry.level === 'bad' ? 'bad' : entry.level === 'good' ? 'good' : 'quiet';
      return { ...row, tone, text: entry.text, detail: null };
    }
    case 'fault':
      return { ...row, tone: entry.change === 'off' ? 'good' : 'bad', text: entry.text, detail: null };
    default:
      return { ...row, tone: 'quiet', text: `${entry.name}: ${entry.text}`, detail: null };
  }
}

/** A stretch in which a breaker was not closed. */
export interface Stretch {
  readonly service: string;
  readonly state: BreakerState;
  readonly from: number;
  readonly to: number;
}

/** The stretches between two moments, of every breaker that had a transition. */
export function toStretches(entries: readonly LabEntry[], from: number, to: number): Stretch[] {
  const transitions = entries.filter((entry) => entry.event === 'transition');
  const breakers = Map.groupBy(transitions, ({ instance, name }) => `${instance} ${name}`);
  return [...breakers.values()].flatMap((changes) =>
    changes
      .map(({ at, to: state, origin }, index) => ({
        service: origin,
        state,
        from: Math.max(from, at),
        to: Math.min(to, changes[index + 1]?.at ?? to),
      }))
      .filter((stretch) => stretch.state !== 'closed' && stretch.to > stretch.from),
  );
}

const transitionWords: Readonly<Record<BreakerState, string>> = {
  open: 'opens',
  half_open: 'lets a probe pass',
  closed: 'closes',
  forced_open: 'is held open by hand',
  disabled: 'is bypassed by hand',
};
