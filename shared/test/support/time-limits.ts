/** How long tests wait for a database, so that none fails because the machine is busy with something else. */
import type { TimeLimits } from '../../src/store/database.ts';

/** Ten times the usual. */
export const ample: TimeLimits = { operationMs: 12_000, stepMs: 10_000, serverMs: 10_000 };
