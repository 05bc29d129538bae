/** Trace files for tests, in a folder that ends with the test file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Gives a function that writes a file and returns its path. */
export function useTraceFiles(): (content: string | Buffer, name?: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-trace-'));
  let count = 0;
  afterAll(() => rmSync(folder, { recursive: true }));
  return (content, name) => {
    count += 1;
    const path = join(folder, name ?? `trace-${count}`);
    writeFileSync(path, content);
    return path;
  };
}
