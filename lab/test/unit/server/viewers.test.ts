/** What happens to pages that cannot keep up, and to one page too many. */
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { createViewers, toMessage } from '../../../server/viewers.ts';

/** A response with so many bytes waiting for the page. */
function createResponse(remoteAddress = '127.0.0.1') {
  const written: string[] = [];
  const response = Object.assign(new EventEmitter(), {
    writableLength: 0,
    req: { socket: { remoteAddress } },
    written,
    isDestroyed: false,
    isEnded: false,
    writeHead: () => undefined,
    write: (text: string) => written.push(text),
    end() {
      response.isEnded = true;
    },
    destroy() {
      response.isDestroyed = true;
      response.emit('close');
    },
  });
  return response;
}

const asResponse = (response: ReturnType<typeof createResponse>) => response as unknown as ServerResponse;

it('a message is framed as an event of a stream', () => {
  expect(toMessage('tick', '{}')).toBe('event: tick\ndata: {}\n\n');
  expect(toMessage('fault', '{}', 'boot-1')).toBe('id: boot-1\nevent: fault\ndata: {}\n\n');
});

it('a page that is behind gets no ticks, but everything else', () => {
  const viewers = createViewers(() => 0);
  const [fast, slow] = [createResponse(), createResponse()];
  for (const page of [fast, slow]) viewers.open(asResponse(page), 'first');
  slow.writableLength = 65_536;
  viewers.sendTick('tick');
  viewers.send('event');
  viewers.close();
  expect(fast.written).toEqual(['retry: 1000\n\nfirst', 'tick', 'event']);
  expect(slow.written).toEqual(['retry: 1000\n\nfirst', 'event']);
});

it('a page with more than a megabyte waiting is cut off', () => {
  const viewers = createViewers(() => 0);
  const page = createResponse();
  viewers.open(asResponse(page), '');
  page.writableLength = 1_000_001;
  viewers.send('event');
  viewers.close();
  expect([page.isDestroyed, viewers.count()]).toEqual([true, 0]);
});

it('a page that is behind for 15 s without a break is cut off, and one that catches up is not', () => {
  let now = 0;
  const viewers = createViewers(() => now);
  const [stuck, slow] = [createResponse(), createResponse()];
  for (const page of [stuck, slow]) {
    viewers.open(asResponse(page), '');
    page.writableLength = 65_536;
  }
  viewers.sendTick('tick');
  now = 15_000;
  slow.writableLength = 0;
  viewers.sendTick('tick');
  slow.writableLength = 65_536;
  now = 15_001;
  viewers.sendTick('tick');
  expect([stuck.isDestroyed, slow.isDestroyed, viewers.count()]).toEqual([true, false, 1]);
});

it('what comes within a moment goes out in one piece, and before the next tick', () => {
  const viewers = createViewers(() => 0);
  const page = createResponse();
  viewers.open(asResponse(page), '');
  for (const message of ['one', 'two']) viewers.send(message);
  expect(page.written).toHaveLength(1);
  viewers.sendTick('tick');
  expect(page.written.slice(1)).toEqual(['onetwo', 'tick']);
});

it('a page that comes just now is not told what its snapshot says already', () => {
  const viewers = createViewers(() => 0);
  const [first, second] = [createResponse(), createResponse()];
  viewers.open(asResponse(first), '');
  viewers.send('event');
  viewers.open(asResponse(second), 'snapshot with it');
  viewers.close();
  expect(first.written.slice(1)).toEqual(['event']);
  expect(second.written).toEqual(['retry: 1000\n\nsnapshot with it']);
});

it('50 pages may watch, and one that leaves makes room', () => {
  const viewers = createViewers(() => 0);
  const pages = Array.from({ length: 50 }, createResponse);
  for (const page of pages) viewers.open(asResponse(page), '');
  expect(() => viewers.open(asResponse(createResponse()), '')).toThrow('50 pages are open already');
  pages[0]?.emit('close');
  viewers.open(asResponse(createResponse()), '');
  expect(viewers.count()).toBe(50);
});

it('at the end every stream ends', () => {
  const viewers = createViewers(() => 0);
  const page = createResponse();
  viewers.open(asResponse(page), '');
  viewers.close();
  expect(page.isEnded).toBe(true);
});

it('when all places are taken, an address with many gives one to an address with fewer', () => {
  const viewers = createViewers(() => 0);
  const held = Array.from({ length: 50 }, () => createResponse('10.0.0.1'));
  for (const page of held) viewers.open(asResponse(page), '');
  expect(() => viewers.open(asResponse(createResponse('10.0.0.1')), '')).toThrow('50 pages are open already');
  const other = createResponse('10.0.0.2');
  viewers.open(asResponse(other), 'first');
  expect([held.filter(({ isDestroyed }) => isDestroyed).length, held.at(-1)?.isDestroyed]).toEqual([1, true]);
  expect([viewers.count(), other.written]).toEqual([50, ['retry: 1000\n\nfirst']]);
});
