/**
 * The rules that keep the house simple (CONTRIBUTING.md), checked on the sources themselves.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { chain as services } from '../../../chain.ts';
import {
  findFolderRing,
  findForbidden,
  findRing,
  findTestsUsed,
  findUpward,
  isTest,
  type Source,
  toImports,
} from '../support/import-rules.ts';

/** The folders of shared/src from the top: each imports from itself and from those below it. */
const layers = [
  'app', // a service as a whole: its settings, its parts put together, its life
  'openapi', // what a service says about its own endpoints
  'http', // requests and answers: who is let in, what is read, what is answered
  'observability', // logs, events, metrics, traces, health
  'store', // documents and leases in MongoDB
  'delivery', // what becomes of one document: stored, delivered, finalized
  'discovery', // where the instances of a neighbour are
  'faults', // failures on demand
  'proof', // who is a hop
  'core', // errors, settings, what a document is
  'resilience', // breaker, retries, bulkhead, deadline, HTTP client; usable without the rest
];

/** What the code of each package, its tests aside, may import of the others. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  'embedded-mongo': ['shared'],
  // A service knows the kind of document that the next one takes.
  ...Object.fromEntries(
    services.map(({ folder }, index) => [
      folder,
      ['shared', ...services.slice(index + 1, index + 2).map((next) => next.folder)],
    ]),
  ),
  lab: ['shared'],
  examples: ['shared'],
  deploy: ['shared', 'embedded-mongo', 'lab'],
  // The tour and the screenshot start a chain as the tests with real processes do.
  scripts: ['shared', ...services.map(({ folder }) => folder), 'lab', 'e2e'],
  e2e: ['shared', ...services.map(({ folder }) => folder), 'embedded-mongo', 'lab', 'scripts'],
};

/** The one import of a test by something that is none, and why. */
const madeOfATest =
  // docs/breaker-conformance.md is made of what this test finds out.
  'scripts/breaker-conformance.ts imports ../shared/test/contract/breaker/matrix.ts: that is a test';

/** Folders with code of others, or with what a run leaves behind. */
const ignored = new Set(['node_modules', 'data', 'coverage']);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const folders = services.map(({ folder }) => folder).join();
const chain = read(`{shared,${folders}}/src/**/*.ts`);
const packages = [...read(`{${Object.keys(mayImport).join()}}/**/*.ts`), ...read('chain.ts')];
const everywhere = packages.filter(({ path }) => !isTest(path));

describe('one module alone touches', () => {
  it.each([
    ['axios', /from 'axios'/, 'shared/src/resilience/http-client.ts'],
    ['undici', /from 'undici'/, 'shared/src/resilience/connections.ts'],
    ['opossum', /from 'opossum'/, 'shared/src/resilience/opossum-machine.ts'],
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
  ])('%s', (_what, sign, module) => {
    expect(chain.filter(({ text }) => sign.test(text)).map(({ path }) => path)).toEqual([module]);
  });
});

describe('shared', () => {
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
    const tests = read('*/test/**/*.test.ts');
    const silent = [...tests, ...read('e2e/*.test.ts')].filter(
      ({ text }) => /\bperformance\.now\(/.test(text) && !/\bit\S*\(\s*'in real time: /.test(text),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });
});

describe('folders', () => {
  it('of shared import downward only', () => {
    expect(findUpward(packages, 'shared/src', layers)).toEqual([]);
    expect(layers.length).toBeLessThanOrEqual(12);
  });

  it('of every package import each other in no ring', () => {
    // The entry of resilience re-exports what lies on that folder and below it; no file of shared imports it.
    const entry = 'shared/src/resilience/index.ts';
    const usesEntry = chain.filter((one) => toImports(one).some(({ to }) => to === entry));
    expect(usesEntry.map(({ path }) => path)).toEqual([]);
    expect(findFolderRing(everywhere.filter(({ path }) => path !== entry))).toEqual([]);
  });
});

describe('packages', () => {
  it('are all listed', () => {
    const folders = globSync(['*/package.json', '*/*.ts', '*/*/*.ts'], { cwd: root });
    const missing = new Set(
      folders.map((path) => path.split(/[\\/]/)[0] ?? '').filter((one) => !ignored.has(one)),
    );
    expect([...missing].sort()).toEqual(Object.keys(mayImport).sort());
  });

  it('import only those that they may', () => {
    expect(findForbidden(everywhere, mayImport)).toEqual([]);
  });

  it('import no test, and nothing that only tests use', () => {
    const used = findTestsUsed(everywhere.filter(({ path }) => !path.startsWith('e2e/')));
    expect(used).toEqual([madeOfATest]);
  });
});

describe('an offence is found:', () => {
  const source = (path: string, said: string): Source => ({ path, text: `import { a } from '${said}';` });

  it.each([
    ['../http/y.ts', 'core lies below http'],
    ['@holdfast/shared/app/y.ts', 'core lies below app'],
  ])('an upward import of %s', (said, why) => {
    const sources = [source('shared/src/core/x.ts', said)];
    expect(findUpward(sources, 'shared/src', layers)).toEqual([
      `shared/src/core/x.ts imports ${said}: ${why}`,
    ]);
  });

  it('anything of ours that resilience imports', () => {
    const sources = layers.map((layer) => source('shared/src/resilience/x.ts', `../${layer}/y.ts`));
    expect(findUpward(sources, 'shared/src', layers)).toHaveLength(layers.length - 1);
  });

  it.each(['shared/src/x.ts', 'shared/src/utils/x.ts'])('%s, which is in no layer', (path) => {
    expect(findUpward([source(path, 'zod')], 'shared/src', layers)).toEqual([`${path} is in no layer`]);
  });

  it('folders in a ring', () => {
    const sources = [
      source('lab/server/x.ts', '../top/y.ts'),
      source('lab/top/y.ts', '../audit/z.ts'),
      source('lab/audit/z.ts', '../server/other.ts'),
      source('lab/server/other.ts', './x.ts'),
    ];
    const ring = 'lab/server → lab/top → lab/audit → lab/server is a ring';
    expect(findFolderRing(sources)).toEqual([
      `lab/server/x.ts imports ../top/y.ts: ${ring}`,
      `lab/top/y.ts imports ../audit/z.ts: ${ring}`,
      `lab/audit/z.ts imports ../server/other.ts: ${ring}`,
    ]);
  });

  it.each([
    ['shared/src/core/x.ts', '@holdfast/embedded-mongo/server.ts', 'shared may import no other package'],
    ['shipment/src/x.ts', '@holdfast/order/order.ts', 'shipment may import shared'],
    ['lab/audit/x.ts', '../../e2e/chain.ts', 'lab may import shared'],
    ['unknown/x.ts', '../lab/y.ts', 'unknown may import no other package'],
  ])('a package that %s may not import: %s', (path, said, why) => {
    expect(findForbidden([source(path, said)], mayImport)).toEqual([`${path} imports ${said}: ${why}`]);
  });

  it('a test that something else uses', () => {
    const sources = [
      source('lab/chaos/x.ts', '../../shared/test/support/y.ts'),
      source('lab/test/unit/x.test.ts', '../support/y.ts'),
    ];
    expect(findTestsUsed(sources)).toEqual([
      'lab/chaos/x.ts imports ../../shared/test/support/y.ts: that is a test',
    ]);
  });

  it('also where it is imported when it is needed', () => {
    const text = "const y = await import('../http/y.ts');";
    expect(findUpward([{ path: 'shared/src/core/x.ts', text }], 'shared/src', layers)).toHaveLength(1);
  });
});

describe('modules', () => {
  it('import in one direction, never in a ring', () => {
    const imports = everywhere.map((one) => [one.path, toImports(one).map(({ to }) => to)] as const);
    expect(findRing(new Map(imports))).toEqual([]);
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

const business = new RegExp(
  `\\b(${services.flatMap(({ name, plural }) => [name, plural]).join('|')})\\b`,
  'i',
);

function read(pattern: string): Source[] {
  const exclude = (name: string) => ignored.has(name);
  const paths = globSync(pattern, { cwd: root, exclude }).map((path) => path.replaceAll('\\', '/'));
  return paths.sort().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function pathsWith(sign: RegExp): string[] {
  return everywhere.filter(({ text }) => sign.test(text)).map(({ path }) => path);
}

function namesBusiness(line: string): boolean {
  return business.test(line);
}
