/**
 * The state of the page: that of the lab, and what was done on the page. A pure function from one state and one message
 * to the next.
 */
import type { BreakerSettings } from '@holdfast/shared/resilience/breaker-settings.ts';
import type { LabStory } from '../../server/story-wire.ts';
import {
  type ComparisonChange,
  type ComparisonState,
  changeComparison,
  emptyComparison,
} from './comparison.ts';
import type { EventKind } from './entries.ts';
import type { Sliders } from './faults.ts';
import type { WordName } from './glossary.ts';
import { emptyLab, type LabMessage, type LabState, reduceLab } from './lab-state.ts';
import { emptyLaboratory, type LaboratoryChange, type LaboratoryState } from './laboratory.ts';
import { scrollTo, type TimeChoice, usualChoice } from './time-range.ts';
import { advanceTour, freshTour, skipStep, type Tour, toggleTour } from './tour.ts';

/** The dialog that is open. */
export type Dialog =
  | { readonly kind: 'keys' }
  | { readonly kind: 'glossary'; readonly word: WordName | null }
  | { readonly kind: 'token' }
  | { readonly kind: 'story'; readonly order: string }
  | { readonly kind: 'fault'; readonly service: string; readonly instance: string | null }
  | { readonly kind: 'settings'; readonly breaker: string };

/** The result of a form: a sentence for the whole, and one for each field. */
export interface FormAnswer {
  readonly ok: boolean;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The story of an order, or why there is none. */
export interface ToldStory {
  /** The order that was asked for. */
  readonly order: string;
  readonly story: LabStory | null;
  readonly error: string | null;
}

/** A short message. */
export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
  /** When it disappears, by the browser's clock. */
  readonly until: number;
}

/** The whole page. */
export interface PageState {
  readonly lab: LabState;
  /** What is shown while the view is frozen, and since when by the browser's clock. */
  readonly frozen: { readonly lab: LabState; readonly at: number } | null;
  /** The service that presets break; `null` is the last one. */
  readonly target: string | null;
  /** The instance of it that presets break, as `host:port`; `null` is all of them. */
  readonly targetInstance: string | null;
  /** Sliders that were moved and not yet sent, by service. */
  readonly sliders: Readonly<Record<string, Sliders>>;
  /** Orders a second for the traffic switch; `null` is what the lab says. */
  readonly rate: number | null;
  /** The breaker of a group whose card is shown, by its key. */
  readonly detailed: string | null;
  /** The time that charts and strips show. */
  readonly time: TimeChoice;
  /** Kinds of events that the list leaves out. */
  readonly hiddenKinds: readonly EventKind[];
  /** Events that the list shows at most. */
  readonly shownEvents: number;
  readonly dialog: Dialog | null;
  readonly answer: FormAnswer | null;
  /** What the lab answered to the story that is open. */
  readonly story: ToldStory | null;
  readonly toasts: readonly Toast[];
  readonly shortcutsOn: boolean;
  readonly tour: Tour;
  readonly comparison: ComparisonState;
  readonly laboratory: LaboratoryState;
}

/** What changes the page: a message of the lab, or an action. */
export type PageMessage =
  | { readonly type: 'lab'; readonly message: LabMessage }
  | { readonly type: 'paused'; readonly at: number }
  | { readonly type: 'targeted'; readonly service: string; readonly instance: string | null }
  | { readonly type: 'slid'; readonly service: string; readonly sliders: Sliders | null }
  | { readonly type: 'rated'; readonly rate: number | null }
  | { readonly type: 'detailed'; readonly breaker: string | null }
  | { readonly type: 'spanned'; readonly spanMs: number }
  | { readonly type: 'scrolled'; readonly until: number | null; readonly now: number }
  | { readonly type: 'filtered'; readonly kind: EventKind }
  | { readonly type: 'more-events' }
  | { readonly type: 'opened'; readonly dialog: Dialog }
  | { readonly type: 'closed' }
  | { readonly type: 'told'; readonly told: ToldStory }
  | { readonly type: 'answered'; readonly answer: FormAnswer | null }
  | { readonly type: 'toasted'; readonly kind: Toast['kind']; readonly text: string; readonly at: number }
  | { readonly type: 'dismissed'; readonly id: number }
  | { readonly type: 'passed'; readonly at: number }
  | { readonly type: 'shortcuts'; readonly on: boolean }
  | { readonly type: 'compared'; readonly change: ComparisonChange }
  | { readonly type: 'laboratory'; readonly change: LaboratoryChange }
  | { readonly type: 'toured'; readonly step: 'skip' | 'restart' | 'toggle' };

/** How long a message is shown. */
export const toastMs = 10_000;

const maxToasts = 3;

/** Events that the list shows at first, and with each "show more". */
const eventsAtOnce = 100;

/** The page before the first message; the caller passes stored values. */
export function createPage(
  remembered: { tour?: Tour | undefined; shortcutsOn?: boolean | undefined } = {},
): PageState {
  return {
    lab: emptyLab,
    frozen: null,
    target: null,
    targetInstance: null,
    sliders: {},
    rate: null,
    detailed: null,
    time: usualChoice,
    hiddenKinds: [],
    shownEvents: eventsAtOnce,
    dialog: null,
    answer: null,
    story: null,
    toasts: [],
    shortcutsOn: remembered.shortcutsOn ?? true,
    tour: remembered.tour ?? freshTour,
    comparison: emptyComparison,
    laboratory: emptyLaboratory,
  };
}

/** Applies one message. */
export function reducePage(page: PageState, message: PageMessage): PageState {
  switch (message.type) {
    case 'lab': {
      const lab = reduceLab(page.lab, message.message);
      return { ...page, lab, tour: advanceTour(page.tour, lab) };
    }
    case 'paused':
      return { ...page, frozen: page.frozen === null ? { lab: page.lab, at: message.at } : null };
    case 'targeted':
      return { ...page, target: message.service, targetInstance: message.instance };
    case 'slid':
      return { ...page, sliders: withSliders(page.sliders, message.service, message.sliders) };
    case 'rated':
      return { ...page, rate: message.rate };
    case 'detailed':
      return { ...page, detailed: message.breaker };
    case 'spanned':
      return { ...page, time: { ...page.time, spanMs: message.spanMs } };
    case 'scrolled': {
      const oldest = page.lab.samples[0]?.at ?? message.now;
      return { ...page, time: scrollTo(page.time, message.until, { oldest, now: message.now }) };
    }
    case 'filtered':
      return { ...page, hiddenKinds: toggle(page.hiddenKinds, message.kind) };
    case 'more-events':
      return { ...page, shownEvents: page.shownEvents + eventsAtOnce };
    case 'opened':
      return { ...page, dialog: message.dialog, answer: null };
    case 'closed':
      return { ...page, dialog: null, answer: null };
    case 'told':
      return { ...page, story: withLast(page.story, message.told) };
    case 'answered':
      return { ...page, answer: message.answer };
    case 'toasted':
      return { ...page, toasts: addToast(page.toasts, message) };
    case 'dismissed':
      return { ...page, toasts: page.toasts.filter(({ id }) => id !== message.id) };
    case 'passed':
      return page.toasts.every(({ until }) => until > message.at)
        ? page
        : { ...page, toasts: page.toasts.filter(({ until }) => until > message.at) };
    case 'shortcuts':
      return { ...page, shortcutsOn: message.on };
    case 'compared':
      return { ...page, comparison: changeComparison(page.comparison, message.change) };
    case 'laboratory':
      return { ...page, laboratory: { ...page.laboratory, ...message.change } };
    case 'toured': {
      const at = page.lab.status?.at ?? 0;
      return { ...page, tour: steps[message.step](page.tour, at) };
    }
  }
}

const steps: Readonly<Record<'skip' | 'restart' | 'toggle', (tour: Tour, at: number) => Tour>> = {
  skip: skipStep,
  restart: (_tour, at) => ({ ...freshTour, since: at }),
  toggle: toggleTour,
};

/** While the lab cannot be asked, the last story of the same order stays. */
function withLast(last: ToldStory | null, told: ToldStory): ToldStory {
  const isSame = last?.order === told.order && told.story === null;
  return isSame ? { ...told, story: last.story } : told;
}

/** The changed settings of the dialog. */
export function toChangedSettings(
  typed: Readonly<Record<keyof BreakerSettings, string>>,
  present: BreakerSettings,
): Partial<Record<keyof BreakerSettings, number>> {
  const changed = Object.entries(typed).filter(([setting, text]) => {
    // Text that is no number is sent as it is: the service reports the error.
    return text.trim() === '' || Number(text) !== present[setting as keyof BreakerSettings];
  });
  return Object.fromEntries(
    changed.map(([setting, text]) => [setting, text.trim() === '' ? Number.NaN : Number(text)]),
  );
}

function toggle(kinds: readonly EventKind[], kind: EventKind): readonly EventKind[] {
  return kinds.includes(kind) ? kinds.filter((one) => one !== kind) : [...kinds, kind];
}

function withSliders(
  all: PageState['sliders'],
  service: string,
  sliders: Sliders | null,
): PageState['sliders'] {
  const { [service]: _, ...others } = all;
  return sliders === null ? others : { ...others, [service]: sliders };
}

function addToast(
  toasts: readonly Toast[],
  { kind, text, at }: { kind: Toast['kind']; text: string; at: number },
): readonly Toast[] {
  const id = (toasts.at(-1)?.id ?? 0) + 1;
  // A repeated message only stays longer.
  return [...toasts.filter((toast) => toast.text !== text), { id, kind, text, until: at + toastMs }].slice(
    -maxToasts,
  );
}
