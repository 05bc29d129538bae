/** Watches a page from its first script on: its frames, its long tasks, and its heap. */
import type { Page } from 'playwright-core';

/** What was seen. */
export interface PageFigures {
  readonly heapMb: number;
  readonly dirtyHeapMb: number;
  readonly longestTaskMs: number;
  /** Processor time of the page's main thread per second, which other programs on the machine do not change. */
  readonly busyMsPerSecond: number;
  readonly longestFrameMs: number;
  readonly lateFrames: number;
  readonly frames: number;
  /** Samples of the history that the page was given. */
  readonly samples: number;
}

/** The first second makes the page; it is left out. */
const watcher = `
  const watched = { frames: 0, late: 0, longest: 0, task: 0, dirty: 0 };
  globalThis.watched = watched;
  let last = 0;
  const isMade = () => performance.now() > 1000;
  const frame = (now) => {
    if (last > 0 && isMade()) {
      watched.frames += 1;
      watched.longest = Math.max(watched.longest, now - last);
      if (now - last > 100) watched.late += 1;
    }
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      if (startTime > 1000) watched.task = Math.max(watched.task, duration);
  }).observe({ type: 'longtask', buffered: true });
  setInterval(() => { watched.dirty = Math.max(watched.dirty, performance.memory?.usedJSHeapSize ?? 0); }, 500);
`;

interface Watched {
  readonly frames: number;
  readonly late: number;
  readonly longest: number;
  readonly task: number;
  readonly dirty: number;
}

/** Opens the page and begins to watch. */
export async function watchPage(page: Page, url: string): Promise<{ figures(): Promise<PageFigures> }> {
  await page.addInitScript(watcher);
  const history = page.waitForResponse((response) => response.url().endsWith('/api/history'));
  await page.goto(url);
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.setTimeDomain', { timeDomain: 'threadTicks' });
  await client.send('Performance.enable');
  const read = async (wanted: string) => {
    const { metrics } = await client.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  };
  const { samples } = (await (await history).json()) as { samples: { at: readonly number[] } };
  const busyAtFirst = await read('TaskDuration');
  const begunAt = performance.now();

  return {
    async figures() {
      const watched = await page.evaluate<Watched>('watched');
      const busyMs = ((await read('TaskDuration')) - busyAtFirst) * 1000;
      const lastedMs = performance.now() - begunAt;
      await client.send('HeapProfiler.collectGarbage');
      return {
        heapMb: (await read('JSHeapUsedSize')) / 2 ** 20,
        busyMsPerSecond: (busyMs / lastedMs) * 1000,
        dirtyHeapMb: watched.dirty / 2 ** 20,
        longestTaskMs: watched.task,
        longestFrameMs: watched.longest,
        lateFrames: watched.late,
        frames: watched.frames,
        samples: samples.at.length,
      };
    },
  };
}
