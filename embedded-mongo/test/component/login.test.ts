/** A server that was given a user and a password: who knows both uses it, nobody else learns or changes anything. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../src/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
let database: EmbeddedMongo;

beforeAll(async () => {
  const file = join(folder, 'password');
  writeFileSync(file, 'c0ffee\n');
  const { credentials } = readConfig({
    MONGO_INITDB_ROOT_USERNAME: 'holdfast',
    MONGO_INITDB_ROOT_PASSWORD_FILE: file,
  });
  database = await startEmbeddedMongo({ dataDir: join(folder, 'data'), credentials });
});
afterAll(async () => {
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function use(login: string, options = '') {
  const client = new MongoClient(database.url.replace('//', `//${login}`) + options);
  try {
    await client.db('a').collection('things').insertOne({ a: 1 });
    return await client.db('a').collection('things').countDocuments();
  } catch (error) {
    return (error as { code?: number }).code;
  } finally {
    await client.close();
  }
}

it('is used by who knows both, however the driver chooses to log in', async () => {
  expect(await use('holdfast:c0ffee@', '/?authMechanism=SCRAM-SHA-256')).toBe(1);
  expect(await use('holdfast:c0ffee@', '/?authSource=admin')).toBe(2);
});

it('is closed to everybody else', async () => {
  expect(await use('')).toBe(13);
  expect(await use('holdfast:wrong@')).toBe(18);
  expect(await use('somebody:c0ffee@')).toBe(18);
  expect(await use('holdfast:c0ffee@', '/?authMechanism=SCRAM-SHA-1')).toBe(18);
  expect(await use('holdfast:c0ffee@')).toBe(3);
});

it('answers a ping before anybody has logged in', async () => {
  const client = new MongoClient(database.url);
  expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
  await client.close();
});
