/**
 * Keeps header and chain in view as long as they leave room for the rest: together in a window that is tall enough,
 * else the header alone, with a small chain in it. css/layout.css does the placing.
 */

/** The share of the window's height that may stay covered. */
const mostRatio = 0.36;

/** Watches the elements in `.stay`; what is focused is never hidden behind them. */
export function stayInView(): void {
  const frame = document.querySelector<HTMLElement>('.stay');
  if (frame === null) return;
  const parts = [...frame.querySelectorAll('.lead, .controls, .chain-section')];
  const measure = () => {
    const heights = parts.map((part) => part.getBoundingClientRect().height);
    // Apart, the parts are one below the other; together, the frame knows better.
    const apart = heights.reduce((sum, height) => sum + height, 0);
    const all = frame.getBoundingClientRect().height || apart;
    const isTall = all > innerHeight * mostRatio;
    frame.dataset.tall = String(isTall);
    const covered = isTall ? (heights[0] ?? 0) : all;
    document.documentElement.style.setProperty('--covered', `${Math.ceil(covered)}px`);
  };
  const observer = new ResizeObserver(measure);
  for (const part of parts) observer.observe(part);
  addEventListener('resize', measure);
}
