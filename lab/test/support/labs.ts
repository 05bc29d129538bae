/** The real lab in this process, on a free port, with a clock that a test can move on. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '@holdfast/shared/core/config.ts';
import type { Resolve } from '@holdfast/shared/discovery/dns.ts';
import { createLog } from '@holdfast/shared/observability/log.ts';
import { systemClock } from '@holdfast/shared/resilience/deadline.ts';
import { onTestFinished } from 'vitest';
import { readStream, type StreamMessage } from '../../server/read-stream.ts';
import { type RunningLab, runLab } from '../../server/run-lab.ts';
import { labSettings } from '../../server/settings.ts';
import type { LabStatus } from '../../server/wire.ts';

/** A lab under test. */
export interface TestLab extends RunningLab {
  /** Moves the lab's clock on. */
  pass(ms: number): void;
  status(): Promise<LabStatus>;
  ask(
    method: string,
    path: string,
    init?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Response>;
  /** Opens the stream as a page does; answers all that came so far. */
  watch(headers?: Record<string, string>): StreamMessage[];
  readonly logged: readonly string[];
}

/** A page that is small and quick to bundle. */
export function createPageFolder(script = 'document.title = "lab";'): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-page-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Lab</title>');
  writeFileSync(join(folder, 'main.ts'), script);
  writeFileSync(join(folder, 'main.css'), 'p { margin: 0 }');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Starts a lab; it ends with the test. */
export async function startLab(
  services: readonly (readonly [name: string, url: string])[],
  {
    env = {},
    folder = createPageFolder(),
    resolve,
  }: { env?: Record<string, string>; folder?: string; resolve?: Resolve } = {},
): Promise<TestLab> {
  let ahead = 0;
  const logged: string[] = [];
  const out = { write: (line: string) => void logged.push(line) };
  const list = services.map(([name, url]) => `${name}=${url}`).join(',');
  const running = await runLab({
    settings: readSettings(labSettings, { PORT: '0', LAB_SERVICES: list, ...env }),
    log: createLog({ service: 'lab', format: 'json', level: 'debug', color: false }, out),
    clock: () => systemClock() + ahead,
    folder,
    ...(resolve === undefined ? {} : { resolve }),
  });
  onTestFinished(() => running.stop());
  await running.ready;
  const ask: TestLab['ask'] = (method, path, { body, headers = {} } = {}) =>
    fetch(`${running.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return {
    ...running,
    logged,
    pass(ms) {
      ahead += ms;
    },
    ask,
    status: async () => (await (await ask('GET', '/api/status')).json()) as LabStatus,
    watch(query = {}) {
      const messages: StreamMessage[] = [];
      const search = new URLSearchParams(query).toString();
      const url = `${running.url}/events${search === '' ? '' : `?${search}`}`;
      onTestFinished(readStream({ url, onMessage: (message) => void messages.push(message) }));
      return messages;
    },
  };
}
