/** How long tests wait for a database on a busy machine: no test fails because four other programs run. */
import type { TimeLimits } from '../../src/store/database.ts';

/** Ten times the usual. */
export const ample: TimeLimits = { operationMs: 12_000, stepMs: 10_000, serverMs: 10_000 };
