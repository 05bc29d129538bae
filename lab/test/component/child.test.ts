/** A child process of a test or a tool ends with the process that started it, however that one ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../../e2e/run-process.ts';
import { environmentWith } from '../../../shared/src/core/config.ts';
import { until } from '../../../shared/src/core/until.ts';
import { startChild } from '../../processes/child.ts';

const database = new URL('../../../embedded-mongo/src/main.ts', import.meta.url).pathname;
const module = new URL('../../processes/child.ts', import.meta.url).href;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-child-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** A process that starts a database with `startChild`, says its pid, and then does what `then` says. */
async function startStarter(then: string) {
  const script = `
    import { startChild } from ${JSON.stringify(module)};
    const env = { ...process.env, MONGO_PORT: '0', MONGO_DATA_DIR: ${JSON.stringify(folder)} };
    const child = startChild({ command: process.execPath, args: [${JSON.stringify(database)}], env });
    await child.says('ready ');
    process.stdout.write(\`database \${child.pid}\\n\`);
    ${then}`;
  const starter = startChild({
    command: process.execPath,
    args: ['--input-type=module', '--eval', script],
    env: environmentWith({}),
  });
  return { starter, pid: Number((await starter.says('database ')).slice('database '.length)) };
}

describe('a child process', () => {
  it('ends when the process that started it exits', async () => {
    const { starter, pid } = await startStarter('process.exit(3);');
    expect(await starter.ended).toBe(3);
    await until('the database has ended', () => !isAlive(pid));
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('ends when %s ends the process that started it', async (signal) => {
    const { starter, pid } = await startStarter('setInterval(() => undefined, 1000);');
    expect(isAlive(pid)).toBe(true);
    starter.signal(signal);
    expect(await starter.ended).toBe(signal);
    await until('the database has ended', () => !isAlive(pid));
  });

  it('leaves when it is asked to, though it is paused', async () => {
    const env = environmentWith({ MONGO_PORT: '0', MONGO_DATA_DIR: folder });
    const child = startChild({ command: process.execPath, args: [database], env });
    await child.says(/^ready mongodb:/);
    child.signal('SIGSTOP');
    await child.leave();
    expect([child.isRunning, await child.ended]).toEqual([false, 0]);
  });

  it('that ends before it says what is waited for is an error with its stderr', async () => {
    const args = ['--eval', 'console.error("no luck"); process.exit(4)'];
    const child = startChild({ command: process.execPath, args, env: environmentWith({}) });
    await expect(child.says('ready ')).rejects.toThrow(/ended with 4:\nno luck$/);
  });

  it('that cannot be started is an error at once', () => {
    const start = () => startChild({ command: 'no-such-program', args: [], env: environmentWith({}) });
    expect(start).toThrow('no-such-program cannot be run');
  });
});
