/**
 * `npm run record`: asks the lab to record one hop, waits, and writes what came.
 *
 * Ctrl-C ends the recording early and keeps it. The result goes to the file, progress to stderr.
 */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { toPlainText } from '@holdfast/shared/observability/plain-text.ts';
import type { RecordingView } from '../server/recordings.ts';
import { readRecordArguments, recordCommand } from './settings.ts';

const everyMs = 1000;
const answerMs = 5000;

const { hop, seconds, out, lab, token } = readArguments(recordCommand, (args) => readRecordArguments(args), {
  announce,
  complain,
});
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => stopping.abort(new Error('stopped')));

try {
  const recording = (await ask('POST', '/api/recordings', { hop, seconds })) as RecordingView;
  complain(`Recording ${hop} for ${seconds} s; Ctrl-C ends it and keeps what came.`);
  const ended = await watch(recording);
  await download(ended);
  if (ended.heard === 0) complain(`Nothing was heard of ${hop}: its caller does not run.`);
  else if (ended.calls === 0) complain(`No call of ${hop} came; was there traffic?`);
  const lost = ended.dropped === 0 ? '' : `; ${ended.dropped} had no room`;
  announce(`${out}: ${ended.calls} calls of ${hop}${lost}.`);
  process.exit(ended.heard === 0 ? 2 : 0);
} catch (error) {
  complain(toPlainText(error instanceof Error ? error.message : String(error)));
  process.exit(2);
}

async function watch(begun: RecordingView): Promise<RecordingView> {
  let last = begun;
  while (last.state === 'recording') {
    await wait(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    if (stopping.signal.aborted)
      return (await ask('DELETE', `/api/recordings/${last.id}`, {})) as RecordingView;
    const { recordings } = (await ask('GET', '/api/recordings')) as { recordings: RecordingView[] };
    const now = recordings.find(({ id }) => id === begun.id);
    if (now === undefined) throw new Error('The lab has lost the recording; was it restarted?');
    last = now;
    complain(`${last.calls} calls`);
  }
  return last;
}

async function download({ id }: RecordingView): Promise<void> {
  const answer = await send('GET', `/api/recordings/${id}.jsonl`);
  if (!answer.ok || answer.body === null) throw new Error(`The lab answered ${answer.status}.`);
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(out));
}

async function ask(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await send(method, path, body);
  const said = (await answer.json().catch(() => ({}))) as { detail?: unknown };
  if (answer.ok) return said;
  throw new Error(typeof said.detail === 'string' ? said.detail : `The lab answered ${answer.status}.`);
}

async function send(method: string, path: string, body?: object): Promise<Response> {
  const headers = {
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
  };
  try {
    return await fetch(`${lab}${path}`, {
      ...{ method, headers, signal: AbortSignal.timeout(answerMs) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Error(`No lab answers at ${lab}; npm start runs a chain with one, and --lab names another.`);
  }
}
