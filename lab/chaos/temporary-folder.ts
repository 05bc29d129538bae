/** Temporary folders that are removed at exit, also when the run is interrupted. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One temporary folder. */
export interface TemporaryFolder {
  readonly path: string;
  /** Removes it now. */
  remove(): Promise<void>;
  /** Leaves it behind at exit. */
  keep(): void;
}

const paths = new Set<string>();
process.once('exit', () => {
  for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
});

/** Creates a folder whose name begins with `prefix`. */
export async function createTemporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  paths.add(path);
  const keep = () => void paths.delete(path);
  return {
    path,
    keep,
    async remove() {
      keep();
      await rm(path, { recursive: true, force: true });
    },
  };
}
