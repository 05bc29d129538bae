/**
 * Reads the story of an order for as long as it is open, and keeps it in the address, so that it can be linked to and
 * the browser's own buttons lead from one to the next.
 */
import type { LabStory } from '../../server/story-wire.ts';
import type { PageMessage, PageState } from '../model/page-state.ts';
import { isOpen } from '../model/story.ts';
import { toStoryHash, toStoryId } from '../model/story-address.ts';
import type { Answer, ApiRequest } from './api.ts';

/** What the reader works with. */
export interface StoryReaderOptions {
  readonly page: () => PageState;
  readonly dispatch: (message: PageMessage) => void;
  readonly ask: (request: ApiRequest) => Promise<Answer>;
}

/** Time between two readings while more will happen, and while nobody knows the order yet. */
const againMs = 1_000;

/** Creates the reader; nothing is read before an order is opened. */
export function createStoryReader({ page, dispatch, ask }: StoryReaderOptions) {
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isShown = (order: string) => {
    const { dialog } = page();
    return dialog?.kind === 'story' && dialog.order === order;
  };

  async function read(order: string): Promise<void> {
    clearTimeout(timer);
    const path = `/api/orders/${encodeURIComponent(order)}`;
    const answer = await ask({ method: 'GET', path });
    if (!isShown(order)) return;
    const story = answer.ok ? (answer.body as LabStory) : null;
    dispatch({ type: 'told', told: { order, story, error: answer.ok ? null : answer.detail } });
    if (story !== null && !isOpen(story)) return;
    // Another reading may have set it meanwhile; left behind, it would end that of the next story.
    clearTimeout(timer);
    timer = setTimeout(() => void read(order), againMs);
  }

  function open(order: string): void {
    dispatch({ type: 'opened', dialog: { kind: 'story', order } });
    void read(order);
  }

  /** Opens or closes what the address says. */
  function follow(): void {
    const order = toStoryId(location.hash);
    if (order !== undefined && !isShown(order)) open(order);
    if (order === undefined && page().dialog?.kind === 'story') dispatch({ type: 'closed' });
  }

  return {
    /** Shows the story of an order, by way of the address. */
    show(order: string): void {
      if (toStoryId(location.hash) === order) open(order);
      else location.hash = toStoryHash(order);
    },
    /** Takes the closed story out of the address; the browser's back button opens it again. */
    leave(): void {
      clearTimeout(timer);
      if (toStoryId(location.hash) !== undefined) {
        history.pushState(null, '', `${location.pathname}${location.search}`);
      }
    },
    /** Follows the address from now on. */
    begin(): void {
      addEventListener('hashchange', follow);
      addEventListener('popstate', follow);
      follow();
    },
  };
}
