/** With LOG_FORMAT=json what a process says that cannot start, or that crashes, is JSON, too. Real processes. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function run(args: readonly string[], env: Record<string, string | undefined>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    ...{ cwd: root, encoding: 'utf8' },
    env: environmentWith({ MONGO_URL: undefined, ...env }),
  });
  return { status, lines: `${stdout}${stderr}`.trimEnd().split('\n') };
}

it('a service without its database, and one with a bad setting', () => {
  const env = { LOG_FORMAT: 'json', JUMPS: 'many' };
  const { status, lines } = run(['shipment/src/main.ts'], env);
  expect(status).toBe(1);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      ...{ level: 'error', time: expect.any(String), service: 'shipment' },
      msg: expect.stringMatching(/^MONGO_URL is required: [\s\S]*\nJUMPS=many is not legal: /),
    },
  ]);
});

it('an exception that nobody catches, and a warning of Node', () => {
  const script = `
    import { speakJson } from '@holdfast/shared/observability/log.ts';
    speakJson('order');
    process.emitWarning('that is old');
    setImmediate(() => Promise.reject(new TypeError('boom')));`;
  const { status, lines } = run(['--input-type=module', '-e', script], {});
  expect(status).toBe(1);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 'warn', service: 'order', msg: 'that is old' }),
    expect.objectContaining({
      ...{ level: 'fatal', service: 'order', msg: 'ended by an exception: boom' },
      err: { type: 'TypeError', message: 'boom', stack: expect.stringContaining('TypeError: boom') },
    }),
  ]);
});

it('with auto the sentence of a failed start stays plain', () => {
  const { lines } = run(['shipment/src/main.ts'], { LOG_FORMAT: undefined });
  expect(lines).toEqual([expect.stringMatching(/^MONGO_URL is required: /)]);
});
