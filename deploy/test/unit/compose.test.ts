/** What the compose files promise: who reaches whom, how much each may take, and that what is run is named exactly. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serviceNames } from '../../../chain.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');

interface Service {
  readonly image?: string;
  readonly mem_limit?: string;
  readonly networks?: readonly string[] | Record<string, unknown>;
  readonly network_mode?: string;
  readonly volumes?: readonly string[];
  readonly environment?: Record<string, string>;
  readonly build?: unknown;
}

const base = 'docker-compose.yaml';
const alone = [base, 'deploy/canary/docker-compose.yaml'];
const overlays = [
  'deploy/ambassador/docker-compose.haproxy.yaml',
  'deploy/ambassador/docker-compose.nginx.yaml',
  'deploy/mongo-replica-set/docker-compose.yaml',
  'deploy/observability/docker-compose.yaml',
];

const isOfChain = new RegExp(`^(${serviceNames.join('|')})(-canary|-backup)?$`);

const servicesOf = (file: string): Record<string, Service> =>
  parse(read(file), { merge: true }).services as Record<string, Service>;

/** The services that a file brings, as opposed to those that it changes. */
const ownOf = (file: string) =>
  Object.entries(servicesOf(file)).filter(
    ([, { image, build }]) => image !== undefined || build !== undefined,
  );

function networksOf({ networks = ['default'], network_mode }: Service): readonly string[] {
  if (network_mode !== undefined) return [];
  return Array.isArray(networks) ? networks : Object.keys(networks);
}

describe.each([...alone, ...overlays])('%s', (file) => {
  it('says of everything how much memory it may take', () => {
    const unbounded = ownOf(file).filter(([, { mem_limit = '' }]) => !/^\d+[mg]$/.test(mem_limit));
    expect(unbounded.map(([name]) => name)).toEqual([]);
  });

  it('names its images with their version', () => {
    const images = ownOf(file).flatMap(([, { image }]) => image ?? []);
    expect(images.filter((image) => !/:v?\d+\.\d+(\.\d+)?$/.test(image))).toEqual([]);
  });

  it('puts nothing but MongoDB and services on the network of MongoDB, and MongoDB on no other', () => {
    for (const [name, service] of ownOf(file)) {
      const isDatabase = /^mongo\d?$/.test(name);
      const isService = isOfChain.test(name);
      expect([name, networksOf(service).includes('data')]).toEqual([name, isDatabase || isService]);
      if (isDatabase) expect(networksOf(service)).toEqual(['data']);
    }
  });

  it('gives the password to nobody else', () => {
    for (const [name, { volumes = [], environment = {} }] of ownOf(file)) {
      const mounts = volumes.filter((volume) => volume.startsWith('password:'));
      if (/^(lab|haproxy|ambassador|prometheus|grafana)$/.test(name))
        expect([name, mounts]).toEqual([name, []]);
      else if (name !== 'password') expect(mounts.every((mount) => mount.endsWith(':ro'))).toBe(true);
      if (environment.MONGO_URL_FILE) expect(mounts).toEqual(['password:/run/mongo:ro']);
    }
  });
});

describe.each(alone)('%s alone', (file) => {
  it('has a network for MongoDB that leads nowhere', () => {
    expect(parse(read(file)).networks.data).toEqual({ internal: true });
  });

  it('has a MongoDB with a password that is in no file of the repository', () => {
    const { mongo, password } = servicesOf(file);
    expect(mongo?.environment).toEqual({
      MONGO_INITDB_ROOT_USERNAME: 'holdfast',
      MONGO_INITDB_ROOT_PASSWORD_FILE: '/run/mongo/password',
    });
    expect(password?.network_mode).toBe('none');
    expect(read(file)).not.toMatch(/MONGO_URL: /);
  });
});

describe('the proxies', () => {
  const strips = ['http-request del-header chain- -m beg', 'http-request del-header content-digest'];
  const sections = read('deploy/canary/haproxy.cfg').split(/\n(?=frontend |backend )/);

  it('at the front door pass nothing on that only hops may say', () => {
    const front = sections.find((section) => section.startsWith('frontend order'));
    for (const strip of strips) expect(front).toContain(strip);
  });

  it('between hops pass on what hops say', () => {
    const inner = sections.filter((section) => !section.startsWith('frontend order')).join('\n');
    for (const text of [inner, read('deploy/ambassador/haproxy.cfg'), read('deploy/ambassador/nginx.conf')])
      expect(text).not.toMatch(/del-header|proxy_set_header (Chain|Content-Digest)/i);
  });
});

describe('npm', () => {
  const manifest = JSON.parse(read('package.json'));
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: true }>;
  };

  it('runs no install script that is not named, and knows all there are', () => {
    expect(read('.npmrc')).toContain('\nstrict-allow-scripts=true\n');
    const scripts = Object.entries(packages)
      .filter(([path, { hasInstallScript }]) => hasInstallScript && path.includes('node_modules/'))
      .map(([path]) => path.replace(/.*node_modules\//, ''));
    expect(scripts.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
    expect(Object.keys(manifest.allowScripts).filter((name) => manifest.allowScripts[name])).toEqual([
      'node',
    ]);
  });

  it.each(['Dockerfile', 'lab/Dockerfile'])('runs none at all in %s, on the pinned Node', (file) => {
    const installs = read(file).match(/npm (ci|install)[^\n]*/g) ?? [];
    expect(installs.length).toBeGreaterThan(0);
    for (const install of installs) expect(install).toContain('--ignore-scripts');
    expect(read(file)).toContain(`\nFROM node:${manifest.devDependencies.node}-bookworm-slim\n`);
  });
});
