/** The input of the components: the state, and what is derived from it at this moment. */
import { type Group, type Route, type ShownBreaker, toBreakers, toGroups, toRoutes } from './chain.ts';
import { toChanges } from './entries.ts';
import { type LabState, staleAfterMs } from './lab-state.ts';
import type { PageState } from './page-state.ts';
import { toServerTime, toSkew } from './server-clock.ts';
import { type Segment, toSegments } from './state-strip.ts';
import type { ShownState } from './state-words.ts';
import { type TimeRange, toTimeRange } from './time-range.ts';
import { type TourTarget, toStep, tourTargets } from './tour.ts';

/** The page at one moment. */
export interface View {
  readonly page: PageState;
  /** The newest state, or the frozen one. */
  readonly lab: LabState;
  readonly groups: readonly Group[];
  readonly breakers: readonly ShownBreaker[];
  readonly routes: readonly Route[];
  /** The lab's time; it stops while frozen or without messages. */
  readonly now: number;
  /** The time that charts and strips show. */
  readonly range: TimeRange;
  /** Milliseconds since the last message; `null` before the first. */
  readonly ageMs: number | null;
  /** No message for so long that the page is stale. */
  readonly stale: boolean;
  readonly frozen: boolean;
  /** When the last message came, by the lab's clock. */
  readonly lastDataAt: number | null;
}

/** Derives the view of a page at one moment of the browser's clock. */
export function toView(page: PageState, localNow: number): View {
  const lab = page.frozen?.lab ?? page.lab;
  const moment = page.frozen?.at ?? localNow;
  const { heardAt } = page.lab;
  const ageMs = heardAt === null ? null : Math.max(0, localNow - heardAt);
  const stale = ageMs === null || ageMs > staleAfterMs;
  const lastDataAt = heardAt === null ? null : toServerTime(page.lab.clock, heardAt);
  const shownUntil = page.frozen === null && stale ? (heardAt ?? localNow) : moment;
  const groups = toGroups(lab.status);
  const breakers = groups.flatMap(toBreakers);
  const now = toServerTime(lab.clock, shownUntil);
  return {
    page,
    lab,
    groups,
    breakers,
    routes: toRoutes(breakers),
    now,
    range: toTimeRange(page.time, now),
    ageMs,
    stale,
    frozen: page.frozen !== null,
    lastDataAt,
  };
}

/** The service that presets break: the chosen one, else the last of the chain. */
export function toTarget({ page, groups }: View): Group | undefined {
  return groups.find(({ name }) => name === page.target) ?? groups.at(-1);
}

/** Whether the tour points at a part of the page. */
export function isPointed({ page: { tour } }: View, target: TourTarget): boolean {
  const step = toStep(tour);
  return tour.isClosed !== true && step !== undefined && tourTargets[step] === target;
}

/** Whether orders arrive: from the lab, or from anybody else. */
export function hasTraffic({ lab, groups }: View): boolean {
  const front = groups[0]?.instances ?? [];
  return lab.status?.traffic.on === true || front.some(({ status }) => (status?.requests.perSecond ?? 0) > 0);
}

/** Whether anything is known of a breaker now. */
export function isKnown(view: View, { service }: ShownBreaker): boolean {
  return service.connected && !view.stale;
}

/** What the pill of a breaker shows. */
export function toShownState(view: View, breaker: ShownBreaker): ShownState {
  return isKnown(view, breaker) ? breaker.report.state : 'no_data';
}

/** The time by the clock of a breaker's service; it stops while that service is away. */
export function toBreakerTime(view: View, { service }: ShownBreaker): number {
  const labAt = view.lab.status?.at ?? view.now;
  const skewMs = service.status === null ? 0 : toSkew(service.status.at, labAt);
  if (!service.connected) return service.status?.at ?? view.now;
  return view.now + skewMs;
}

/** The states of a breaker in the time that is shown; what is not known is `no_data`. */
export function toBreakerSegments(view: View, breaker: ShownBreaker): Segment[] {
  const { lab, range, now } = view;
  return toSegments({
    samples: lab.samples,
    name: breaker.key,
    changes: toChanges(lab.entries, breaker.key),
    heardUntil: isKnown(view, breaker) ? now : 0,
    from: range.from,
    to: range.to,
  });
}
