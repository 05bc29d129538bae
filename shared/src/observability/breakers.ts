/**
 * The breakers of one service by name: reports of their state, and changes on request.
 *
 * A report never changes a breaker. Who may change one is decided in control.ts.
 */
import { z } from 'zod';
import { type FieldError, InvalidError, RequestError } from '../core/errors.ts';
import type { Breaker } from '../resilience/breaker.ts';
import { overrideDefaultMs, overrideMaxMs } from '../resilience/breaker-override.ts';
import { parseBreakerSettings, type SettingChange } from '../resilience/breaker-settings.ts';
import { toReportCause, toReportSentence } from '../resilience/breaker-words.ts';
import type { Clock } from '../resilience/deadline.ts';
import { InvalidSettingsError } from '../resilience/errors.ts';
import { toPointer } from '../resilience/json-pointer.ts';
import { createShadow, type Shadow } from '../resilience/shadow.ts';
import type { Events } from './events.ts';
import type { BreakerReport } from './wire.ts';

/** The breakers of a service. */
export interface Breakers {
  /** Adds a breaker; a later one of the same name replaces it. */
  add(breaker: Breaker): void;
  /** Removes a breaker and all records of it. */
  remove(name: string): void;
  /** Every breaker, as they were added. */
  list(): readonly Breaker[];
  reports(): readonly BreakerReport[];
  /** @throws {RequestError} `not-found` when no breaker has this name; the message lists those that exist. */
  report(name: string): BreakerReport;
  /**
   * Changes one breaker; nothing is changed when any part of the change is not legal.
   *
   * @throws {RequestError} `not-found` when no breaker has this name.
   * @throws {InvalidError} when the change is not legal; it names every field.
   */
  change(name: string, change: unknown): BreakerReport & { readonly changed: readonly SettingChange[] };
  /** Ends every shadow. */
  stop(): void;
}

const ttlRange = `Must be a whole number from 1 to ${overrideMaxMs}.`;
const settingValues = z.record(z.string(), z.number({ error: 'Must be a number.' }), {
  error: 'Must be an object with settings.',
});

/** What `PATCH /breakers/:name` takes; at least one member. Settings are checked by breaker-settings.ts. */
export const breakerChangeSchema = z
  .strictObject(
    {
      force: z
        .enum(['open', 'closed', 'disabled'], { error: 'Must be open, closed, disabled or null.' })
        .nullable()
        .optional()
        .meta({ description: 'Holds it open, closes it now, lets every call pass; null releases it.' }),
      ttlMs: z
        .int({ error: ttlRange })
        .min(1, ttlRange)
        .max(overrideMaxMs, ttlRange)
        .optional()
        .meta({
          description: `How long "open" or "disabled" lasts in milliseconds; ${overrideDefaultMs} when absent.`,
        }),
      settings: settingValues.optional().meta({
        description: 'Settings to change; the window is cleared when any does.',
      }),
      shadow: settingValues.nullable().optional().meta({
        description:
          'Settings to try on the outcomes of real calls, over the present ones; null ends the trial.',
      }),
    },
    { error: 'Must be an object with force, settings or shadow.' },
  )
  .refine((change) => Object.keys(change).length > 0, 'Must have force, settings or shadow.')
  .refine(({ force, ttlMs }) => ttlMs === undefined || force === 'open' || force === 'disabled', {
    path: ['ttlMs'],
    message: 'Belongs to force "open" or "disabled" only.',
  });

/** Creates the list; it begins empty. */
export function createBreakers({ events, clock }: { events: Events; clock: Clock }): Breakers {
  const breakers = new Map<string, Breaker>();
  const shadows = new Map<string, Shadow>();
  const opened = new Map<string, number>();

  events.on('transition', ({ name, from, to }) => {
    if (from === 'closed' && to === 'open' && breakers.has(name))
      opened.set(name, (opened.get(name) ?? 0) + 1);
  });
  events.on('call', (call) => {
    if (shadows.size > 0) shadows.get(call.name)?.record(call);
  });

  return {
    add(breaker) {
      breakers.set(breaker.name, breaker);
    },
    remove(name) {
      endShadow(name);
      breakers.delete(name);
      opened.delete(name);
      events.emit('gone', { name, at: clock() });
    },
    list: () => [...breakers.values()],
    reports: () => [...breakers.values()].map(toReport),
    report: (name) => toReport(find(name)),
    change(name, change) {
      const breaker = find(name);
      const { force, ttlMs, settings = {}, shadow } = parseChange(change);
      const { attemptTimeoutMs: _, ...present } = breaker.view().config;
      const next = parseBreakerSettings(settings, present);
      const tried = shadow && parseBreakerSettings(shadow, next);
      const changed = breaker.configure(next);
      if (shadow !== undefined) endShadow(name);
      if (tried) shadows.set(name, createShadow(name, { settings: tried, clock }));
      if (force !== undefined) breaker.override(force, ttlMs === undefined ? {} : { ttlMs });
      return { ...toReport(breaker), changed };
    },
    stop() {
      for (const name of [...shadows.keys()]) endShadow(name);
    },
  };

  function find(name: string): Breaker {
    const breaker = breakers.get(name);
    if (breaker !== undefined) return breaker;
    const known = breakers.size === 0 ? 'it has none' : `it has ${[...breakers.keys()].join(', ')}`;
    throw new RequestError('not-found', `This service has no breaker "${name}"; ${known}.`);
  }

  function endShadow(name: string): void {
    shadows.get(name)?.stop();
    shadows.delete(name);
  }

  function toReport(breaker: Breaker): BreakerReport {
    const view = breaker.view();
    const now = clock();
    return {
      ...view,
      why: toReportSentence(view, now),
      cause: toReportCause(view, now),
      probeInMs: view.probeAt === null ? null : Math.max(0, Math.round(view.probeAt - now)),
      opened: opened.get(view.name) ?? 0,
      shadow: shadows.get(view.name)?.report() ?? null,
    };
  }
}

function parseChange(change: unknown): z.infer<typeof breakerChangeSchema> {
  const parsed = breakerChangeSchema.safeParse(change);
  const settings = (['settings', 'shadow'] as const).flatMap((place) => toSettingErrors(change, place));
  const told = new Set(settings.map(({ pointer }) => pointer));
  const issues = parsed.success ? [] : parsed.error.issues.flatMap(toFieldErrors);
  const others = issues.filter(({ pointer }) => !told.has(pointer));
  if (parsed.success && settings.length === 0) return parsed.data;
  const [first] = others;
  if (first === undefined) {
    const words = settings.map(({ pointer, detail }) => `${pointer.split('/').at(-1)} ${detail}`);
    throw new InvalidError(`Invalid breaker settings: ${words.join('; ')}.`, settings);
  }
  const place = first.pointer === '' ? '' : ` at "${first.pointer}"`;
  throw new InvalidError(`The change is invalid${place}: ${first.detail}`, [...others, ...settings]);
}

/** What is wrong with the settings in one member of a change, also where other members are wrong. */
function toSettingErrors(change: unknown, place: 'settings' | 'shadow'): FieldError[] {
  const given: unknown = (change as Record<string, unknown> | null)?.[place];
  if (typeof given !== 'object' || given === null) return [];
  try {
    parseBreakerSettings(given);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidSettingsError)) throw error;
    return error.issues.map(({ pointer, detail }) => ({ pointer: `/${place}${pointer}`, detail }));
  }
}

function toFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: toPointer([key]), detail: 'Is no member of a change.' }));
  }
  return [{ pointer: toPointer(issue.path), detail: issue.message }];
}
