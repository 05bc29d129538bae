/**
 * A page of somebody else, and all that it can try on an address of ours. Each attempt answers what the page gets to know
 * of it; what became of it is asked elsewhere.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';

/** The server of a page; what it is called is the browser's business. */
export interface ForeignServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Serves an empty page at every path of a free port of the loopback. */
export async function serveForeignPage(): Promise<ForeignServer> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Elsewhere</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** What a page can do with addresses. */
export interface ForeignPage {
  readonly page: Page;
  /** `fetch`; answers the status, `opaque`, or `closed` when the browser lets nothing be known. */
  send(url: string, init?: object): Promise<string>;
  /** `fetch`; answers the headers that it may read. */
  readHeaders(url: string, init: object): Promise<Record<string, string>>;
  /** Whether an `EventSource` opens. */
  canListen(url: string): Promise<boolean>;
  /** Whether an address can be made part of the page. */
  canEmbed(tag: 'script' | 'img' | 'link', url: string): Promise<boolean>;
  /** Submits a form whose body is `json`, as far as its `enctype` lets it; resolves when it has an answer. */
  submit(url: string, enctype: string, json: string): Promise<void>;
  /** Sends a beacon, as a page that is left does. */
  beacon(url: string, type: string, text: string): Promise<void>;
  /** Whether a frame shows an address; the browser shows a page of its own in place of one that may not be framed. */
  canFrame(url: string): Promise<boolean>;
  /** Whether a window that the page opens with an address stays in its hands. */
  canHold(url: string): Promise<boolean>;
}

/** Takes a page that is open. */
export function toForeignPage(page: Page): ForeignPage {
  const attempt = <T>(name: keyof typeof attempts, ...given: unknown[]): Promise<T> =>
    page.evaluate<T>(`(${attempts[name]})(...${JSON.stringify(given)})`);
  return {
    page,
    send: (url, init = {}) => attempt('send', url, init),
    readHeaders: (url, init) => attempt('readHeaders', url, init),
    canListen: (url) => attempt('canListen', url),
    canEmbed: (tag, url) => attempt('canEmbed', tag, url),
    async submit(url, enctype, json) {
      // Not when the frame is loaded: a browser may keep an answer as a file instead.
      const answered = page.waitForResponse((response) => response.url() === url);
      await attempt('submit', url, enctype, json);
      await answered;
    },
    beacon: (url, type, text) => attempt('beacon', url, type, text),
    async canFrame(url) {
      await attempt('frame', url);
      return page.frames().some((frame) => frame.url() === url);
    },
    async canHold(url) {
      const opened = page.context().waitForEvent('page');
      await attempt('open', url);
      const other = await opened;
      await other.waitForLoadState('domcontentloaded');
      const isHeld = await page.evaluate<boolean>('!globalThis.opened.closed');
      await other.close();
      return isHeld;
    },
  };
}

/** Run in the page, whose policy has no say in it. */
const attempts = {
  send: `async (url, init) => {
    try {
      const answer = await fetch(url, init);
      await answer.body?.cancel();
      return answer.type === 'opaque' ? 'opaque' : String(answer.status);
    } catch {
      return 'closed';
    }
  }`,
  readHeaders: `async (url, init) => Object.fromEntries((await fetch(url, init)).headers)`,
  canListen: `(url) => new Promise((resolve) => {
    const stream = new EventSource(url, { withCredentials: true });
    const end = (isOpen) => { stream.close(); resolve(isOpen); };
    stream.onopen = () => end(true);
    stream.onerror = () => end(false);
  })`,
  canEmbed: `(tag, url) => new Promise((resolve) => {
    const element = Object.assign(document.createElement(tag), { rel: 'stylesheet' });
    element.onload = () => resolve(true);
    element.onerror = () => resolve(false);
    element[tag === 'link' ? 'href' : 'src'] = url;
    document.body.append(element);
  })`,
  submit: `(url, enctype, json) => {
    const frame = Object.assign(document.createElement('iframe'), { name: 'frame-' + Math.random() });
    const form = Object.assign(document.createElement('form'), { action: url, method: 'POST', enctype, target: frame.name });
    // the sign between name and value stands inside a string, and the whole is JSON
    form.append(Object.assign(document.createElement('input'), { name: json.slice(0, -1) + ',"x":"', value: '"}' }));
    document.body.append(frame, form);
    form.submit();
  }`,
  beacon: `(url, type, text) => void navigator.sendBeacon(url, new Blob([text], { type }))`,
  frame: `(url) => new Promise((resolve) => {
    const frame = Object.assign(document.createElement('iframe'), { src: url });
    frame.onload = () => resolve();
    document.body.append(frame);
  })`,
  open: `(url) => { globalThis.opened = window.open(url); }`,
};
