/**
 * Installs missing programs that tests need, where the package manager needs no confirmation: as root, or with
 * Homebrew. Elsewhere nothing happens, and tests that need them are skipped.
 */
import { spawnSync } from 'node:child_process';
import { environmentWith } from '../shared/src/core/config.ts';
import { announce } from '../shared/src/observability/log.ts';
import {
  findManager,
  findMissing,
  type Manager,
  managers,
  type ProgramName,
  programs,
  toPackage,
} from './programs/programs.ts';

/** Installs what is missing of `names`, if it can. Tests report what is still missing. */
export async function installPrograms(names: readonly ProgramName[]): Promise<void> {
  const manager = findManager();
  if (manager === undefined || !needsNobody(manager)) return;
  const wanted = await findMissing(names.filter((name) => programs[name].isRequired));
  const packages = wanted.flatMap((name) => toPackage(name, manager) ?? []);
  if (packages.length === 0) return;
  announce(`${wanted.join(' and ')} missing: ${manager} installs ${packages.join(' ')}`);
  if (manager === 'apt-get') run(manager, ['update', '-qq']);
  run(manager, [...managers[manager], ...packages]);
  // Debian starts a server that it installs; the tests start their own.
  if (manager === 'apt-get') for (const name of packages) run('service', [name, 'stop']);
}

function needsNobody(manager: Manager): boolean {
  return manager === 'brew' || process.getuid?.() === 0;
}

/** Time-out of an installation. */
const timeoutMs = 180_000;

/** Its output and exit code are ignored: whether the program exists is checked afterwards. */
function run(command: string, args: readonly string[]): void {
  const env = environmentWith({ DEBIAN_FRONTEND: 'noninteractive' });
  spawnSync(command, args, { env, stdio: 'ignore', timeout: timeoutMs });
}
