/** What is not known is said: a service that is killed, and a lab that cannot be heard. Nothing old looks alive. */
import { expect, it, onTestFinished } from 'vitest';
import { readStream } from '../../server/read-stream.ts';
import { eventually, openDashboard, type Place } from './support/dashboard.ts';
import { startGate } from './support/gate.ts';
import { keepScreenshot } from './support/visit.ts';

const breaker = 'payment → shipment';

/** What the page shows of a service, and of a lab, that cannot be heard. */
export function away({ visit, lab }: Place): void {
  it('shows NO DATA for the parts of a service that is killed, and what it says when it is back', async () => {
    const dashboard = await openDashboard(visit, { url: lab().url });
    await eventually(() => dashboard.state(breaker)).toBe('CLOSED');
    lab().chain.signal('payment', 'SIGKILL');
    await eventually(() => dashboard.state(breaker)).toBe('NO DATA');
    expect(await dashboard.edge(breaker).innerText()).toBe('NO DATA');
    expect(await dashboard.service('payment').innerText()).toMatch(/away since \d\d:\d\d:\d\d/);
    expect(await dashboard.card(breaker).innerText()).toMatch(/payment says nothing since \d\d:\d\d:\d\d/);
    expect(await dashboard.state('order → payment')).not.toBe('NO DATA');
    expect(await dashboard.badge()).toMatch(/^Live/);

    await eventually(() => dashboard.state(breaker)).toBe('CLOSED');
    await eventually(() => dashboard.service('payment').innerText()).toMatch(/ready/);
  });

  it('freezes when the lab is not heard, and catches up on what it missed', async () => {
    const gate = await startGate(lab().url);
    onTestFinished(() => gate.stop());
    const dashboard = await openDashboard(visit, {
      url: gate.url,
      expected: /Failed to load resource: net::ERR/,
    });
    await dashboard.button(/^Start traffic/).click();
    await dashboard.button(/^Shipment down/).click();
    await eventually(() => dashboard.state(breaker)).toBe('OPEN');

    gate.shut();
    await eventually(dashboard.badge).toMatch(/^Reconnecting, last data \d\d:\d\d:\d\d$/);
    for (const name of ['order → payment', breaker]) {
      expect([await dashboard.state(name), await dashboard.edge(name).innerText()]).toEqual([
        'NO DATA',
        'NO DATA',
      ]);
    }
    expect(await dashboard.button(/^Shipment down/).getAttribute('aria-disabled')).toBe('true');
    await keepScreenshot(dashboard.page, 'reconnecting-1280');
    const frozen = await dashboard.card(breaker).innerText();
    const missed = await transitionsOfLab(lab().url, 2);
    expect(await dashboard.card(breaker).innerText()).toBe(frozen);

    gate.open();
    await eventually(dashboard.badge).toMatch(/^Live/);
    await eventually(async () => {
      const events = (await dashboard.events()).map(toWords).join('\n');
      return missed.map(toWords).filter((line) => !events.includes(line));
    }).toEqual([]);
    await eventually(() => dashboard.state(breaker)).toMatch(/OPEN/);
  });
}

/** A line without its icons, which the page draws, and without the spaces that align it in a terminal. */
function toWords(line: string): string {
  return line.replace(/[🔌●○◐\s]+/gu, ' ').trim();
}

/** Waits for so many transitions of the lab from now on; answers their lines as the page shows them. */
async function transitionsOfLab(url: string, count: number): Promise<string[]> {
  const lines: string[] = [];
  const since = Date.now();
  await new Promise<void>((resolve) => {
    const end = readStream({
      url: `${url}/events`,
      onMessage: ({ event, data }) => {
        const { at, line } = data as { at: number; line: string };
        if (event !== 'transition' || at < since) return;
        lines.push(line);
        if (lines.length < count) return;
        end();
        resolve();
      },
    });
  });
  return lines;
}
