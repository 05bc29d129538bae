/**
 * deploy/mongo-replica-set: the members, their names and the connection string belong together, the set is founded once,
 * and docker-compose, where it is installed, takes both files together.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serviceNames } from '../../../chain.ts';
import { needing } from '../../../lab/test/support/needing.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const files = ['docker-compose.yaml', 'deploy/mongo-replica-set/docker-compose.yaml'] as const;
const { services, volumes } = parse(readFileSync(`${root}${files[1]}`, 'utf8'), { merge: true });
const members = { mongo1: services.mongo, mongo2: services.mongo2, mongo3: services.mongo3 };
const founding: string = services.mongo.healthcheck.test.at(-1);

describe('the members', () => {
  it('are three, of one set, each with a volume of its own', () => {
    for (const [name, member] of Object.entries(members)) {
      expect(member.command.join(' ')).toContain('--replSet rs0');
      expect(member.volumes).toEqual([`${name}:/data/db`]);
      expect(volumes).toHaveProperty(name);
    }
    expect(services.mongo.networks.data.aliases).toEqual(['mongo1']);
  });

  it('have no port on the host', () => {
    for (const member of Object.values(members)) expect(member).not.toHaveProperty('ports');
  });

  it('are all named in the address that every service gets', () => {
    for (const service of serviceNames) {
      const url = new URL(
        services[service].environment.MONGO_URL.replace('mongodb:', 'http:').replace(/,/g, '-'),
      );
      expect(url.hostname.split('-')).toEqual(Object.keys(members));
      expect(url.pathname).toBe('/holdfast');
      expect(Object.fromEntries(url.searchParams)).toEqual({
        replicaSet: 'rs0',
        w: 'majority',
        retryWrites: 'true',
        readPreference: 'primary',
      });
    }
  });
});

describe('the healthcheck of the first member', () => {
  it('founds the set of all three, and is not healthy yet', () => {
    const { initiated, exit } = runFounding({ status: notYetInitialized, primary: undefined });
    expect(initiated).toEqual([
      { _id: 'rs0', members: Object.keys(members).map((name, _id) => ({ _id, host: `${name}:27017` })) },
    ]);
    expect(exit).toBe(1);
  });

  it('only looks at a set that exists, and is healthy when it has a primary', () => {
    expect(runFounding({ primary: 'mongo2:27017' })).toEqual({ initiated: [], exit: 0 });
    expect(runFounding({ primary: undefined })).toEqual({ initiated: [], exit: 1 });
  });

  it('founds nothing when it cannot know', () => {
    const status = () => {
      throw Object.assign(new Error('not authorized'), { code: 13 });
    };
    expect(() => runFounding({ status, primary: undefined })).toThrow('not authorized');
  });
});

describe('docker-compose', await needing('docker-compose'), () => {
  it('takes both files together', () => {
    const args = files.flatMap((file) => ['-f', file]);
    const merged = parse(
      execFileSync('docker-compose', [...args, 'config'], { cwd: root, encoding: 'utf8', stdio: 'pipe' }),
    ).services;
    expect(Object.keys(merged).filter((name) => name.startsWith('mongo'))).toEqual([
      'mongo',
      'mongo2',
      'mongo3',
    ]);
    expect(merged.order.environment).toMatchObject({
      ID: 'order',
      MONGO_URL: services.order.environment.MONGO_URL,
    });
    expect(merged.order.depends_on).toEqual({ mongo: { condition: 'service_healthy' } });
    expect(merged.mongo.volumes.map(String).join()).not.toContain('mongo:/');
  }, 30_000);
});

function notYetInitialized(): never {
  throw Object.assign(new Error('no replset config has been received'), { code: 94 });
}

/** Runs what mongosh would run, with stand-ins for its globals. */
function runFounding({
  status = () => ({}),
  primary,
}: {
  status?: () => unknown;
  primary: string | undefined;
}): {
  initiated: unknown[];
  exit: number | undefined;
} {
  const initiated: unknown[] = [];
  let exit: number | undefined;
  runInNewContext(founding, {
    rs: { status, initiate: (config: unknown) => initiated.push(JSON.parse(JSON.stringify(config))) },
    db: { hello: () => ({ primary }) },
    quit: (code: number) => {
      exit = code;
    },
  });
  return { initiated, exit };
}
