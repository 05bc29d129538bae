/**
 * The rules about who may import whom, each a pure function that answers one sentence for every offending import.
 *
 * Which layers there are and what each package may import is said in house-rules.test.ts.
 */
import { dirname, join } from 'node:path';

/** A file of the repository. */
export interface Source {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** One import of a file of this repository, types included. */
export interface Import {
  readonly from: string;
  /** As it is written. */
  readonly said: string;
  /** The file, from the root. */
  readonly to: string;
}

/** The imports of a source that lead to files of this repository. */
export function toImports({ path, text }: Source): Import[] {
  return [...text.matchAll(/(?:from |import |import\()'([^']+)'/g)].flatMap(([, said = '']) => {
    const to = toFile(path, said);
    return to === undefined ? [] : [{ from: path, said, to }];
  });
}

/** Imports that go up: `layers` are the folders of `root`, the uppermost first, and everything in it is in one of them. */
export function findUpward(sources: readonly Source[], root: string, layers: readonly string[]): string[] {
  const layerOf = (path: string) =>
    path.startsWith(`${root}/`) ? path.slice(root.length + 1).split('/')[0] : undefined;
  const inside = sources.filter(({ path }) => path.startsWith(`${root}/`));
  const strangers = inside.filter(({ path }) => !layers.includes(layerOf(path) ?? ''));
  const upward = inside.flatMap(toImports).flatMap((one) => {
    const [lower, upper] = [layerOf(one.from), layerOf(one.to)];
    if (lower === undefined || upper === undefined || layers.indexOf(upper) >= layers.indexOf(lower))
      return [];
    return [`${say(one)}: ${lower} lies below ${upper}`];
  });
  return [...strangers.map(({ path }) => `${path} is in no layer`), ...upward];
}

/** Folders that import each other in a ring, with the imports that go from one of them to the next. */
export function findFolderRing(sources: readonly Source[]): string[] {
  const imports = sources.flatMap(toImports).filter(({ from, to }) => dirname(from) !== dirname(to));
  const folders = new Map<string, string[]>();
  for (const { from, to } of imports) {
    folders.set(dirname(from), [...(folders.get(dirname(from)) ?? []), dirname(to)]);
  }
  const ring = findRing(folders);
  return ring.slice(1).flatMap((next, index) => {
    const between = imports.filter(({ from, to }) => dirname(from) === ring[index] && dirname(to) === next);
    return between.map((one) => `${say(one)}: ${ring.join(' → ')} is a ring`);
  });
}

/** Imports of a package that is not among those that the importing one may use; every package must be listed. */
export function findForbidden(
  sources: readonly Source[],
  mayImport: Readonly<Record<string, readonly string[]>>,
): string[] {
  return sources.flatMap(toImports).flatMap((one) => {
    const [own, other] = [packageOf(one.from), packageOf(one.to)];
    if (own === other || other === '.' || mayImport[own]?.includes(other)) return [];
    const allowed = mayImport[own]?.join(', ') || 'no other package';
    return [`${say(one)}: ${own} may import ${allowed}`];
  });
}

/** Imports of a test, or of what only tests use, by something that is none. */
export function findTestsUsed(sources: readonly Source[]): string[] {
  const imports = sources.filter(({ path }) => !isTest(path)).flatMap(toImports);
  return imports.filter(({ to }) => isTest(to)).map((one) => `${say(one)}: that is a test`);
}

/** Whether a file is a test, or is used by tests only. */
export function isTest(path: string): boolean {
  return path.split('/').includes('test') || path.endsWith('.test.ts');
}

/** Walks every chain of imports; answers the first ring as a list that ends where it began. */
export function findRing(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]): string[] => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of imports.get(path) ?? []) {
      const ring = walk(next, [...way, path]);
      if (ring.length > 0) return ring;
    }
    done.add(path);
    return [];
  };
  for (const path of imports.keys()) {
    const ring = walk(path, []);
    if (ring.length > 0) return ring;
  }
  return [];
}

function say({ from, said }: Import): string {
  return `${from} imports ${said}`;
}

function toFile(path: string, said: string): string | undefined {
  if (said.startsWith('.')) return said.endsWith('.ts') ? toSlashes(join(dirname(path), said)) : undefined;
  const [, workspace, inside] = /^@holdfast\/([\w-]+)\/(.+)$/.exec(said) ?? [];
  if (workspace === undefined || inside === undefined) return undefined;
  return `${workspace}/src/${inside.endsWith('.ts') ? inside : `${inside}/index.ts`}`;
}

/** The folder of the package, which is one of several for `examples`; `.` for a file of the root. */
function packageOf(path: string): string {
  const [first = '', ...rest] = path.split('/');
  return rest.length === 0 ? '.' : first;
}

function toSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}
