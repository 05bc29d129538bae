/**
 * A house rule: every package declares what it imports, and lists nothing in `dependencies` that only tests use.
 *
 * A path that leads into another workspace is an import of it. Tests and benches may use
 * the root's tools and every workspace.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

interface Import {
  /** From the root, with its line. */
  readonly where: string;
  readonly packageName: string;
  readonly use: 'work' | 'bench' | 'test';
}

const manifests = new Map(
  ['', ...(readManifest('').workspaces ?? [])].map((folder) => [folder, readManifest(folder)]),
);
const ofRoot = Object.keys(manifests.get('')?.devDependencies ?? {});
const workspaces = [...manifests.values()].map(({ name }) => name);

describe.each([...manifests])(
  '%s/package.json',
  (folder, { name, dependencies = {}, devDependencies = {} }) => {
    const imports = readImports(folder).filter(({ packageName }) => packageName !== name);

    it('declares what is imported', () => {
      const forWork = Object.keys(dependencies);
      const forTests = [...forWork, ...Object.keys(devDependencies), ...ofRoot, ...workspaces];
      const undeclared = imports.filter(
        ({ packageName, use }) =>
          !(use !== 'work' || folder === '' ? forTests : forWork).includes(packageName),
      );
      expect(undeclared.map(({ where, packageName }) => `${where}: ${packageName}`)).toEqual([]);
    });

    it('depends on nothing that only tests use', () => {
      const used = new Set(imports.flatMap((one) => (one.use === 'test' ? [] : one.packageName)));
      expect(Object.keys(dependencies).filter((dependency) => !used.has(dependency))).toEqual([]);
    });
  },
);

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

/** What the modules of a package import; those of the root are what lies in no workspace. */
function readImports(folder: string): Import[] {
  const paths = globSync(`${folder === '' ? '' : `${folder}/`}**/*.{ts,js,mjs}`, {
    cwd: root,
    exclude: ['**/node_modules', '**/.*', 'data', 'coverage'],
  });
  return paths.filter((path) => folderOf(path) === folder).flatMap(toImports);
}

function toImports(path: string): Import[] {
  const [, use] = /(?:^|\/)(test|bench)\//.exec(path.slice(folderOf(path).length)) ?? [];
  const lines = readFileSync(join(root, path), 'utf8').split('\n');
  return lines.flatMap((line, index) =>
    [...line.matchAll(/^(?! ?[/*]).*?(?:\bfrom |^import |(?:\bimport|\)\.resolve)\()'([^']+)'/g)].flatMap(
      ([, target = '']) => {
        const packageName = toPackage(path, target);
        if (packageName === undefined || /^node:|\$\{/.test(packageName)) return [];
        return { where: `${path}:${index + 1}`, packageName, use: (use ?? 'work') as Import['use'] };
      },
    ),
  );
}

/** The package of a module; `undefined` for one of the root, which everybody may read and nobody can install. */
function toPackage(from: string, target: string): string | undefined {
  if (target.startsWith('.')) {
    const folder = folderOf(join(dirname(from), target));
    return folder === '' ? undefined : manifests.get(folder)?.name;
  }
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/');
}

/** The workspace that a path is in; empty for the root. */
function folderOf(path: string): string {
  return [...manifests.keys()].find((folder) => folder !== '' && path.startsWith(`${folder}${sep}`)) ?? '';
}
