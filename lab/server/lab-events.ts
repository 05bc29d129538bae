/**
 * The events that only the lab can tell: a process, the database or the lab itself went or came, traffic was switched.
 *
 * It makes sentences of changes; who hears of a change calls it, and `tell` sends what it says.
 */
import type { ServiceStatus } from '@holdfast/shared/observability/wire.ts';
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import { stateNames } from '@holdfast/shared/resilience/breaker-words.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import type { ServiceAddress } from './settings.ts';
import type { LabMadeEntry, TrafficStatus } from './wire.ts';

/** An event without its id. */
export type NewLabEntry = Omit<LabMadeEntry, 'id'>;

/** What the events are made of. */
export interface LabEventsOptions {
  readonly clock: Clock;
  /** The traffic now: who failed meanwhile is counted by it. */
  readonly traffic: () => Pick<TrafficStatus, 'on' | 'counts'>;
  /** Whether a service has several instances, so that its name alone does not say which. */
  readonly isOneOfMany: (place: ServiceAddress) => boolean;
  readonly tell: (entry: NewLabEntry) => void;
}

/** What an earlier life of the lab left. */
export interface EarlierLife {
  /** When it was there for the last time. */
  readonly lastAt: number;
  readonly traffic: { readonly on: boolean; readonly ratePerSecond: number } | undefined;
}

/** Makes the events. */
export interface LabEvents {
  /** The stream of an instance was lost; `last` is its last status, `heardAt` when it was heard for the last time. */
  lost(place: ServiceAddress, why: string, last: ServiceStatus | null, heardAt?: number | null): void;
  /** An instance is heard again. */
  back(place: ServiceAddress, before: ServiceStatus | null, now: ServiceStatus): void;
  /** A process has a breaker no more, because the instance behind it is gone. */
  forgotten(place: ServiceAddress, name: string, state: BreakerState): void;
  /** What the services that are heard say of their database. Called once a second. */
  look(heard: readonly { readonly name: string; readonly database: string }[]): void;
  switched(change: { on: boolean; ratePerSecond: number; why: 'asked' | 'expired' | 'reset' }): void;
  /** Everything was reset; `complaint` says what was not. */
  reset(complaint?: string): void;
  begun(earlier: EarlierLife): void;
  /** The audit found a broken promise; the sentence says which. */
  found(what: string): void;
}

interface Absence {
  readonly at: number;
  /** A service that was never heard may only be starting: what is said of it when it does not come. */
  readonly unsaid?: (() => void) | undefined;
  readonly counts: TrafficStatus['counts'] | undefined;
}

/** What a service says of its database before it has asked. */
const unasked = 'not asked yet';
/** How long a service that was never heard may take to start. */
const patienceMs = 15_000;
/** The longest reason that is repeated. */
const longestReason = 200;

/** Creates the maker of events; nothing is away yet. */
export function createLabEvents({ clock, traffic, isOneOfMany, tell }: LabEventsOptions): LabEvents {
  const absences = new Map<string, Absence>();
  let outage: (Absence & { readonly names: Set<string> }) | undefined;

  return {
    lost(place, why, last, heardAt) {
      const [text, level] = toLoss(why, last?.phase === 'stopping');
      const say = () => add('process', place.name, last?.instance, `${toName(place)} ${text}`, level);
      absences.set(place.url, {
        ...begin(),
        at: heardAt ?? clock(),
        unsaid: last === null ? say : undefined,
      });
      if (last !== null) say();
    },
    back(place, before, now) {
      const absence = absences.get(place.url);
      absences.delete(place.url);
      if (absence?.unsaid !== undefined) return;
      const after = absence === undefined ? '' : ` after ${toSeconds(clock() - absence.at)}`;
      const isNew = before !== null && before.startedAt !== now.startedAt;
      const how = before === null ? '' : isNew ? ', as a new process' : ', the same process';
      const text = [
        `${toName(place)} is ${before === null ? 'heard' : 'back'}${after}${how}`,
        ...(isNew ? toFresh(before, now) : []),
        toMeanwhile(absence),
      ];
      add('process', place.name, now.instance, toSentence(text), 'good');
    },
    forgotten(place, name, state) {
      if (state === 'closed') return;
      const text = `${toName(place)} no longer knows the instance behind ${name}, whose breaker was ${stateNames[state]}; if it comes back, its breaker begins ${stateNames.closed}`;
      // It is no end of this process, so it names none.
      add('process', place.name, undefined, text, 'info');
    },
    look(heard) {
      sayOverdue();
      const asked = heard.filter(({ database }) => database !== unasked && database !== undefined);
      const sick = asked.filter(({ database }) => database !== 'ok');
      const [first] = sick;
      if (first !== undefined) {
        if (outage === undefined) {
          outage = { ...begin(), names: new Set() };
          const text = `the database cannot be used, says ${first.name}: ${first.database.slice(0, longestReason)}`;
          add('database', 'database', '', text, 'bad');
        }
        for (const { name } of sick) outage.names.add(name);
      } else if (outage !== undefined && asked.length > 0) {
        const names = new Intl.ListFormat('en-GB').format(outage.names);
        const text = `the database can be used again after ${toSeconds(clock() - outage.at)} by ${names}`;
        add('database', 'database', '', toSentence([text, toMeanwhile(outage)]), 'good');
        outage = undefined;
      }
    },
    switched({ on, ratePerSecond, why }) {
      const stopped = why === 'expired' ? 'traffic stopped by itself after ten minutes' : 'traffic is off';
      add('traffic', 'lab', '', on ? `traffic of ${ratePerSecond}/s is on` : stopped, 'info');
    },
    reset(complaint) {
      const text =
        complaint === undefined
          ? 'everything was reset: traffic off, faults ended, breakers closed, first settings'
          : `a reset was not complete: ${complaint}`;
      add('lab', 'lab', '', text, complaint === undefined ? 'info' : 'bad');
    },
    begun({ lastAt, traffic: was }) {
      const off = was?.on ? `traffic of ${was.ratePerSecond}/s was on and is off now` : '';
      const text = `the lab was started again after ${toSeconds(clock() - lastAt)}`;
      add('lab', 'lab', '', toSentence([text, off]), off === '' ? 'info' : 'bad');
    },
    found: (what) => add('lab', 'lab', '', `audit: ${what}`, 'bad'),
  };

  function add(
    event: LabMadeEntry['event'],
    origin: string,
    instance: string | undefined,
    text: string,
    level: NonNullable<LabMadeEntry['level']>,
  ): void {
    const at = Math.round(clock());
    tell({ event, at, origin, service: origin, instance: instance ?? '', text, line: text, level });
  }

  function sayOverdue(): void {
    for (const [url, { unsaid, ...absence }] of absences) {
      if (unsaid === undefined || clock() - absence.at < patienceMs) continue;
      unsaid();
      absences.set(url, absence);
    }
  }

  function begin(): Absence {
    const { on, counts } = traffic();
    return { at: clock(), counts: on ? counts : undefined };
  }

  /** `meanwhile 21 orders failed and 3 had no answer`; nothing without traffic. */
  function toMeanwhile(absence: Absence | undefined): string {
    const { counts } = traffic();
    if (absence?.counts === undefined) return '';
    const { counts: before } = absence;
    const since = (kind: keyof typeof counts) => Math.max(0, counts[kind] - before[kind]);
    const told = [
      [since('failed'), 'failed'],
      [since('unanswered'), 'had no answer'],
      [since('pending'), 'were kept for later'],
      [since('completed'), 'were completed'],
    ] as const;
    const parts = told.filter(([count]) => count > 0).map(([count, how]) => `${count} ${how}`);
    return parts.length === 0 ? '' : `of the orders meanwhile ${new Intl.ListFormat('en-GB').format(parts)}`;
  }

  function toName(place: ServiceAddress): string {
    return isOneOfMany(place) ? `${place.name} at ${new URL(place.url).host}` : place.name;
  }
}

function toLoss(why: string, wasStopping: boolean): [text: string, level: 'bad' | 'info'] {
  if (wasStopping) return ['was stopped', 'info'];
  if (why.startsWith('silent')) return [`is ${why}: paused, overloaded, or cut off`, 'bad'];
  if (why === 'ECONNREFUSED') return ['does not answer: nothing listens at its address', 'bad'];
  return [`is gone: its connection ended (${why})`, 'bad'];
}

/** A new process begins with closed breakers, whatever the old one had. */
function toFresh(before: ServiceStatus, now: ServiceStatus): string[] {
  const states = new Map(now.breakers.map(({ name, state }) => [name, state]));
  return before.breakers.flatMap(({ name, state }) => {
    const fresh = states.get(name) ?? 'closed';
    return fresh === state ? [] : [`${name} was ${stateNames[state]} and begins ${stateNames[fresh]}`];
  });
}

function toSentence(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}

/** `3 s`, `0.4 s`, `2 min`. */
function toSeconds(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1).replace('.0', '')} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
