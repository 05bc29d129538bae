/** Dragging and keys on a chart: they scroll all charts, and read the values. */
import type uPlot from 'uplot';
import type { TimeRange } from '../model/time-range.ts';

/** Shows another time; `null` is the present. */
export type ScrollTo = (until: number | null) => void;

/** Dragging to the right shows what was before. */
export function listenToDrags(plot: uPlot, range: () => TimeRange, scrollTo: ScrollTo): void {
  const { over } = plot;
  let begun: { readonly x: number; readonly range: TimeRange } | undefined;
  over.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    begun = { x: event.clientX, range: range() };
    over.setPointerCapture(event.pointerId);
  });
  over.addEventListener('pointermove', (event) => {
    if (begun === undefined || Math.abs(event.clientX - begun.x) < 3) return;
    const { from, to } = begun.range;
    scrollTo(to - ((event.clientX - begun.x) / over.clientWidth) * (to - from));
  });
  for (const end of ['pointerup', 'pointercancel'] as const) {
    over.addEventListener(end, () => {
      begun = undefined;
    });
  }
}

/** Arrows read the values one by one, page keys scroll, Home and End go to the oldest data and to the present. */
export function listenToPlotKeys(
  element: HTMLElement,
  plot: uPlot,
  content: () => { readonly seconds: readonly number[]; readonly range: TimeRange },
  { readout, scrollTo }: { readonly readout: Element | null; readonly scrollTo: ScrollTo },
): void {
  let index: number | undefined;
  element.addEventListener('focus', () => readout?.setAttribute('aria-live', 'polite'));
  element.addEventListener('blur', () => {
    readout?.removeAttribute('aria-live');
    index = undefined;
    plot.setCursor({ left: -10, top: -10 });
  });
  element.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { seconds, range } = content();
    const span = range.to - range.from;
    const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };
    const step = steps[event.key];
    if (step !== undefined) {
      const last = seconds.length - 1;
      index = Math.min(last, Math.max(0, (index ?? last + 1) + step));
      const at = seconds[index];
      if (at !== undefined) plot.setCursor({ left: plot.valToPos(at, 'x'), top: 0 });
    } else if (event.key === 'PageUp') scrollTo(range.to - span / 2);
    else if (event.key === 'PageDown') scrollTo(range.to + span / 2);
    else if (event.key === 'Home') scrollTo(0);
    else if (event.key === 'End') scrollTo(null);
    else return;
    event.preventDefault();
  });
}
