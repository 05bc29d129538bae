/** How much the lab keeps, and its pages with it. */

/** How far back samples are kept. */
export const keptMs = 1_800_000;

/** How many events are kept. */
export const keptEntries = 2_000;
