/** The dashboard as a person finds their way on it: by what things are called, not by how they are built. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { LabChain } from './lab-chain.ts';
import type { Visit } from './visit.ts';

/** Longer than a breaker of these tests stays open, with its probe and the relay's next turn. */
const patience = { timeout: 20_000, interval: 50 };

/** The parts of the page. */
export interface Dashboard {
  readonly page: Page;
  /** The card of a breaker, as in `payment → shipment`. */
  card(breaker: string): Locator;
  /** The pill of a breaker's card: `OPEN`. */
  state(breaker: string): Promise<string>;
  /** The box of a service in the chain. */
  service(name: string): Locator;
  /** The pill on the edge behind a service. */
  edge(breaker: string): Locator;
  /** The number that counts down on an open breaker's card, in seconds; `undefined` when none does. */
  countdown(breaker: string): Promise<number | undefined>;
  badge(): Promise<string>;
  /** What was said since the page was opened to people who do not see it, one sentence each. */
  spoken(): Promise<string[]>;
  /** The lines of the list of events, the newest first. */
  events(): Promise<string[]>;
  button(name: string | RegExp): Locator;
}

/** Where the tests are: a browser to visit with, and the chain that it looks at. */
export interface Place {
  readonly visit: (visit: Visit) => Promise<Page>;
  readonly lab: () => LabChain;
}

/** Visits the dashboard and waits until it is live. */
export async function openDashboard(visit: (visit: Visit) => Promise<Page>, how: Visit): Promise<Dashboard> {
  const dashboard = toDashboard(await visit(how));
  await eventually(dashboard.badge).toMatch(/^Live/);
  await dashboard.page.evaluate(listenAsScreenReader);
  return dashboard;
}

/** Waits until a question has an answer, and asks it again and again meanwhile. */
export function eventually<T>(ask: () => T | Promise<T>, options: { timeout?: number } = {}) {
  return expect.poll(ask, { ...patience, ...options });
}

/** Finds the parts of a page that is open. */
export function toDashboard(page: Page): Dashboard {
  const card = (breaker: string) => page.getByRole('region', { name: breaker, exact: true });
  return {
    page,
    card,
    state: (breaker) => card(breaker).getByRole('status').first().innerText(),
    service: (name) =>
      page
        .getByRole('region', { name: 'The chain' })
        .getByRole('listitem')
        .filter({ has: page.getByText(name, { exact: true }) })
        .first(),
    edge: (breaker) =>
      page
        .getByRole('region', { name: 'The chain' })
        .locator('.guard', { hasText: `${breaker}:` })
        .getByRole('status'),
    async countdown(breaker) {
      const text = await card(breaker).locator('.big').innerText();
      const seconds = /probe in\s+([\d.]+) s/.exec(text)?.[1];
      return seconds === undefined ? undefined : Number(seconds);
    },
    badge: () => page.locator('.badge').innerText(),
    spoken: () => page.evaluate<string[]>('spoken'),
    events: () => page.getByRole('region', { name: 'Events' }).getByRole('listitem').allInnerTexts(),
    button: (name) => page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name }),
  };
}

/** A screen reader says what is added to a live region; what stands there already is not said again. */
const listenAsScreenReader = `
  globalThis.spoken = [];
  new MutationObserver((records) => {
    for (const { addedNodes } of records) for (const node of addedNodes) if (node.innerText) spoken.push(node.innerText);
  }).observe(document.querySelector('[role=log]'), { childList: true });
`;
