/**
 * The dashboard of the lab: messages come in, the state is a pure function of them, and the page is drawn from it.
 *
 *     connection → reducePage → toView → page (lit-html) and charts (uPlot)
 *
 * model/ is pure and tested without a browser, view/ draws, browser/ has the side effects.
 */
import { render } from 'lit-html';
import { createActions } from './browser/actions.ts';
import { createApi } from './browser/api.ts';
import { drawPlots } from './browser/breaker-plots.ts';
import { connect } from './browser/connection.ts';
import { createFollower } from './browser/follow-comparison.ts';
import { createLaboratoryFollower } from './browser/follow-laboratory.ts';
import { createHistoryLoader } from './browser/history.ts';
import { listenToKeys } from './browser/keyboard.ts';
import { recall, remember } from './browser/memory.ts';
import { createRenderLoop } from './browser/render-loop.ts';
import { stayInView } from './browser/stay-in-view.ts';
import { onThemeChange } from './browser/theme.ts';
import { showTooltips } from './browser/tooltips.ts';
import type { LabMessage } from './model/lab-state.ts';
import { isGoingOn } from './model/laboratory.ts';
import { createPage, type PageMessage, reducePage } from './model/page-state.ts';
import type { Tour } from './model/tour.ts';
import { toView, type View } from './model/view.ts';
import { openDialog } from './view/dialogs.ts';
import { page as drawPage } from './view/page.ts';

const root = document.body;
const shortcutsOn = recall('shortcuts') as boolean | undefined;
let page = createPage({ tour: recall('tour') as Tour | undefined, shortcutsOn });

function dispatch(message: PageMessage): void {
  const before = page;
  page = reducePage(page, message);
  if (before.lab.status === null && page.lab.status !== null) void follow();
  if (page.tour !== before.tour) remember('tour', page.tour);
  // Steps of orders come a hundred a second; they are drawn with the next tick.
  if (message.type !== 'lab' || message.message.type !== 'steps') ask();
}

const api = createApi(() => (recall('token') as string | undefined) ?? null);
const follow = createFollower((status) => dispatch({ type: 'compared', change: { status } }));
const followLaboratory = createLaboratoryFollower({
  show: (change) => dispatch({ type: 'laboratory', change }),
  isFollowed: () => isGoingOn(page.laboratory),
});
const actions = createActions({ page: () => page, dispatch, api, follow, followLaboratory });
document.addEventListener('visibilitychange', () => void (document.hidden || follow()));

let drawn: View | undefined;
let isFirst = true;
const ask = createRenderLoop(() => {
  page = reducePage(page, { type: 'passed', at: Date.now() });
  const view = toView(page, Date.now());
  render(drawPage(view, actions), root);
  openDialog(view);
  if (isFirst) stayInView();
  isFirst = false;
  // A canvas costs more than text: it is drawn for new data, not for every step of a countdown.
  if (isNewForPlots(view)) drawPlots(view, actions.scrollTo);
  drawn = view;
  return { isCounting: !view.stale && view.breakers.some(({ report }) => report.state !== 'closed') };
});

showTooltips();
onThemeChange(() => drawPlots(toView(page, Date.now()), actions.scrollTo));
listenToKeys(() => page.shortcutsOn, actions.press);
actions.followAddress();

const hear = (message: LabMessage) => dispatch({ type: 'lab', message });
connect('/events', { dispatch: hear, onBegin: createHistoryLoader(hear), admit: actions.admit });

/** The last minute moves with every tick; a longer time with every sample. */
function isNewForPlots({ lab, page, range }: View): boolean {
  if (drawn === undefined || drawn.page.time !== page.time || drawn.page.detailed !== page.detailed)
    return true;
  if (drawn.lab.samples !== lab.samples || drawn.lab.entries !== lab.entries) return true;
  return range.isLive && page.time.spanMs <= 60_000 && drawn.lab.status !== lab.status;
}
