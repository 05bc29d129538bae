/**
 * The rules that keep the house simple (CONTRIBUTING.md), checked on the sources themselves.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const chain = read('{shared,order,payment,shipment}/src/**/*.ts');
const everywhere = [...chain, ...read('{embedded-mongo,lab}/src/**/*.ts'), ...read('scripts/**/*.ts')].filter(
  ({ path }) => !path.includes('/test/'),
);

describe('a library or a global has one doorman', () => {
  it.each([
    ['axios', /from 'axios'/, 'shared/src/resilience/http-client.ts'],
    ['opossum', /from 'opossum'/, 'shared/src/resilience/breaker.ts'],
    ['multicast DNS', /from 'bonjour-service'/, 'shared/src/discovery/local.ts'],
    ['name resolution', /from 'node:dns/, 'shared/src/discovery/dns.ts'],
    ['prom-client', /from 'prom-client'/, 'shared/src/observability/metrics.ts'],
    ['OpenTelemetry', /(from |import\()'@opentelemetry\//, 'shared/src/observability/tracing.ts'],
    [
      'the connection to MongoDB',
      /\bcreateConnection\(|\bmongoose\.connect\b/,
      'shared/src/store/database.ts',
    ],
    ['the environment', /^(?! ?[/*]).*\bprocess\.env\b/m, 'shared/src/core/config.ts'],
    ['Swagger UI', /swagger-ui-dist\/package/, 'shared/src/openapi/pages.ts'],
    ['the terminal', /\bprocess\.std(out|err)\b|\bconsole\b/, 'shared/src/observability/log.ts'],
  ])('%s', (_what, sign, doorman) => {
    expect(chain.filter(({ text }) => sign.test(text)).map(({ path }) => path)).toEqual([doorman]);
  });
});

describe('the toolbox', () => {
  const toolbox = chain.filter(({ path }) => path.startsWith('shared/'));

  it('knows no word of the business', () => {
    const found = toolbox.flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => (namesBusiness(line) ? `${path}:${index + 1}: ${line}` : [])),
    );
    expect(found).toEqual([]);
  });

  it('imports from no service', () => {
    expect(toolbox.filter(({ text }) => /from '@holdfast\//.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('a test', () => {
  it('that measures real time has one that says so', () => {
    const tests = read('{shared,order,payment,shipment,embedded-mongo,lab,scripts,deploy}/test/**/*.test.ts');
    const silent = [...tests, ...read('e2e/*.test.ts')].filter(
      ({ text }) => /\bperformance\.now\(/.test(text) && !/\bit\S*\(\s*'in real time: /.test(text),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });
});

describe('modules', () => {
  it('import in one direction, never in a ring', () => {
    expect(findRing(new Map(chain.map((source) => [source.path, toImports(source)])))).toEqual([]);
  });

  it('would be caught in a ring', () => {
    const ring = new Map([
      ['a.ts', ['b.ts']],
      ['b.ts', ['c.ts']],
      ['c.ts', ['b.ts']],
    ]);
    expect(findRing(ring)).toEqual(['b.ts', 'c.ts', 'b.ts']);
  });

  it('export nothing by default', () => {
    expect(pathsWith(/^export default\b|\bas default\b/m)).toEqual([]);
  });

  it('begin with a comment that says what they are for', () => {
    expect(pathsWith(/^(?!(#!.*\n)?\/\*\*)/)).toEqual([]);
  });

  it('are named after what is in them', () => {
    const vague = everywhere.filter(({ path }) =>
      /^(index|utils?|helpers?|common|misc)\.ts$/.test(basename(path)),
    );
    expect(vague.map(({ path }) => path)).toEqual(['shared/src/resilience/index.ts']);
  });
});

interface Source {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

function read(pattern: string): Source[] {
  const paths = globSync(pattern, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  return paths.sort().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function pathsWith(sign: RegExp): string[] {
  return everywhere.filter(({ text }) => sign.test(text)).map(({ path }) => path);
}

function namesBusiness(line: string): boolean {
  return /\b(order|payment|shipment)s?\b/i.test(line);
}

/** The modules of this repository that a source imports, types included. */
function toImports({ path, text }: Source): string[] {
  return [...text.matchAll(/(?:from|import) '([^']+\.ts)'/g)].flatMap(([, target = '']) => {
    if (target.startsWith('.')) return join(dirname(path), target).replaceAll('\\', '/');
    const [, workspace, file] = /^@holdfast\/([\w-]+)\/(.+)$/.exec(target) ?? [];
    return workspace === undefined ? [] : `${workspace}/src/${file}`;
  });
}

/** Walks every chain of imports; answers the first ring as a list that ends where it began. */
function findRing(imports: ReadonlyMap<string, readonly string[]>): string[] {
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
