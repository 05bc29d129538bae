/** Draws at most once per frame: after a message, and regularly while a countdown runs. */

/** How often the page is drawn when no message comes: often enough for its age, and for a countdown in tenths. */
const everyMs = { calm: 250, counting: 100 } as const;

/** Creates the loop; `draw` answers whether something counts down. The function that comes back asks for a drawing. */
export function createRenderLoop(draw: () => { readonly isCounting: boolean }): () => void {
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const now = () => {
    frame = undefined;
    clearTimeout(timer);
    const { isCounting } = draw();
    timer = setTimeout(ask, isCounting ? everyMs.counting : everyMs.calm);
  };
  const ask = () => {
    if (frame === undefined) frame = requestAnimationFrame(now);
  };
  ask();
  return ask;
}
