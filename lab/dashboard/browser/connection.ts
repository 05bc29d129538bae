/**
 * The page's one connection to the lab: server-sent events, and a new connection whenever the old one is lost or
 * silent.
 *
 * The browser reconnects by itself and asks for what it missed (`Last-Event-ID`), but does not detect silence, nor
 * retry after an answer that is no stream. Both are done here; such a connection has the last id in its URL, because a
 * page cannot set the header. After a refusal the cookie for reading is requested first.
 */
import { type LabStep, labKinds } from '../../server/wire.ts';
import type { LabMessage } from '../model/lab-state.ts';

/** Silence after which a new connection is made; the lab's heartbeat comes every 2 s. */
const silentMs = 8_000;

/** Wait after a connection that was refused. */
const againMs = 1_500;

const kinds = [
  'snapshot',
  'tick',
  'transition',
  'rejections',
  'configured',
  'policy',
  'fault',
  ...labKinds,
  'sample',
  'order',
  'heartbeat',
] as const;

/** What the connection works with. */
export interface Listening {
  readonly dispatch: (message: LabMessage) => void;
  /** Called after each snapshot: what was missed before it is in the history. */
  readonly onBegin: () => void;
  /** Gets the cookie for reading; false when it is not wanted any more. */
  readonly admit: () => Promise<boolean>;
}

/** Listens to the lab for as long as the page is open. */
export function connect(url: string, { dispatch, onBegin, admit }: Listening): void {
  let source: EventSource | undefined;
  let heardAt = Date.now();
  let lastId = '';
  let isRefused = false;

  /** Steps come a hundred a second, and wait for the next message: a tick comes four times a second. */
  let steps: LabStep[] = [];
  const tellSteps = () => {
    if (steps.length > 0) dispatch({ type: 'steps', steps, receivedAt: heardAt });
    steps = [];
  };

  const open = () => {
    source?.close();
    heardAt = Date.now();
    const own = new EventSource(lastId === '' ? url : `${url}?lastEventId=${encodeURIComponent(lastId)}`);
    source = own;
    for (const kind of kinds) {
      own.addEventListener(kind, (event) => {
        heardAt = Date.now();
        lastId = event.lastEventId;
        const data = JSON.parse(event.data) as never;
        if (kind === 'order') steps.push(data);
        else {
          tellSteps();
          dispatch(toMessage(kind, data, heardAt));
        }
        if (kind === 'snapshot') onBegin();
      });
    }
    own.addEventListener('error', () => {
      if (own.readyState === EventSource.CLOSED && own === source) void retry();
    });
  };

  const retry = async () => {
    isRefused = true;
    if (!(await admit())) return;
    isRefused = false;
    setTimeout(open, againMs);
  };

  open();
  setInterval(() => {
    if (!isRefused && Date.now() - heardAt > silentMs) open();
  }, 1_000);
}

/** The lab's messages are trusted: `data` has the type of its kind. */
function toMessage(
  kind: Exclude<(typeof kinds)[number], 'order'>,
  data: never,
  receivedAt: number,
): LabMessage {
  switch (kind) {
    case 'snapshot':
      return { type: 'snapshot', snapshot: data, receivedAt };
    case 'tick':
      return { type: 'tick', status: data, receivedAt };
    case 'sample':
      return { type: 'sample', sample: data, receivedAt };
    case 'heartbeat':
      return { type: 'heartbeat', receivedAt };
    default:
      return { type: 'entry', entry: data, receivedAt };
  }
}
