/**
 * Marks tests that need a program: where it is missing they are skipped, and the last lines of `npm test` say for want
 * of what. Where CI=true they run and fail, since nothing must vanish there unnoticed.
 */
import { environmentWith } from '@holdfast/shared/core/config.ts';
import type { TestOptions } from 'vitest';
import { findMissing, type ProgramName, programs } from '../../../scripts/programs/programs.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** The programs for want of which it is skipped. */
    missing?: string[];
  }
}

/** The options of a test, or of a `describe`, that needs these programs. */
export async function needing(...names: ProgramName[]): Promise<TestOptions> {
  const isCi = environmentWith({}).CI === 'true';
  const missing = (await findMissing(names)).filter((name) => !(isCi && programs[name].isRequired));
  return missing.length === 0 ? {} : { skip: true, meta: { missing } };
}
