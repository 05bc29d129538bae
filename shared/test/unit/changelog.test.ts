/** CHANGELOG.md has the form of Keep a Changelog, and its newest version is the one that is released. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const changelog = read('CHANGELOG.md');
const { version, workspaces } = JSON.parse(read('package.json'));

describe('the changelog', () => {
  it('has versions with their days, the newest first, and the kinds of change that exist', () => {
    expect(findFaults(changelog)).toEqual([]);
  });

  it('begins with the version of package.json, which all packages and the lockfile have', () => {
    expect(versionsOf(changelog)[0]).toBe(version);
    const packages = workspaces.map(
      (folder: string) => JSON.parse(read(join(folder, 'package.json'))).version,
    );
    expect(new Set(packages)).toEqual(new Set([version]));
    const lock = JSON.parse(read('package-lock.json'));
    expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
  });

  it('has the version that images are tagged with', () => {
    const manifests = globSync('deploy/**/*.{md,yaml}', { cwd: root }).map(read).join('\n');
    const tags = [...manifests.matchAll(/\bholdfast:(\d[\w.-]*)|newTag: ([\w.-]+)/g)].map(
      ([, a, b]) => a ?? b,
    );
    expect(new Set(tags)).toEqual(new Set([version]));
  });
});

describe('the check of the changelog', () => {
  const good =
    '# Changelog\n\n## [0.2.0] - 2026-02-01\n\n### Fixed\n\n- x\n\n## [0.1.0] - 2026-01-01\n\n### Added\n\n- y\n';

  it.each([
    [
      'an entry that waits for its version',
      `${good.replace('## [0.2.0]', '## [Unreleased]\n\n### Added\n\n- z\n\n## [0.2.0]')}`,
      [],
    ],
    ['a version without a day', good.replace(' - 2026-02-01', ''), ['## [0.2.0]']],
    ['an unknown kind of change', good.replace('Fixed', 'Mended'), ['### Mended']],
    ['versions in the wrong sequence', good.replace('0.2.0', '0.0.9'), ['0.1.0 comes after 0.0.9']],
  ])('finds or passes %s', (_what, text, faults) => {
    expect(findFaults(text)).toEqual(faults);
  });
});

const heading = /^## (?:\[Unreleased\]|\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d))$/;
const kind = /^### (?:Added|Changed|Deprecated|Removed|Fixed|Security)$/;

function findFaults(text: string): string[] {
  const lines = text.split('\n');
  const versions = versionsOf(text);
  return [
    ...lines.filter((line) => line.startsWith('## ') && !heading.test(line)),
    ...lines.filter((line) => line.startsWith('### ') && !kind.test(line)),
    ...versions.slice(1).flatMap((older, index) => {
      const newer = versions[index] ?? '';
      return isNewer(newer, older) ? [] : [`${older} comes after ${newer}`];
    }),
  ];
}

function versionsOf(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, found] = heading.exec(line) ?? [];
    return found === undefined ? [] : [found];
  });
}

function isNewer(one: string, other: string): boolean {
  return one.localeCompare(other, 'en', { numeric: true }) > 0;
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
