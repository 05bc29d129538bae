/** Which code ran on what: the same facts in every report, and nothing that names the machine. */
import { availableParallelism } from 'node:os';
import { readCommit } from '@holdfast/shared/core/commit.ts';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import packageJson from '../package.json' with { type: 'json' };
import type { Fact } from './report.ts';

/** The versions of this process. */
export function toVersions(): Fact[] {
  const commit = environmentWith({}).COMMIT?.trim() || readCommit() || 'unknown';
  return [
    { name: 'Holdfast', value: packageJson.version },
    { name: 'commit', value: commit },
    { name: 'Node', value: process.version },
    { name: 'system', value: `${process.platform} ${process.arch}` },
    { name: 'cores', value: availableParallelism() },
  ];
}
