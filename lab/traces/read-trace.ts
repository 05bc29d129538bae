/**
 * Reads a trace file of any known form, as a stream: memory does not grow with lines that are no calls.
 *
 * The form is known by the first 64 KB. How calls become a trace is in settle.ts.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { isAccessLine, parseAccessLine } from './access-log.ts';
import { parseTraceLine } from './call-line.ts';
import { createLineSplitter } from './lines.ts';
import { createOtlpReader } from './otlp.ts';
import { createPeers } from './peers.ts';
import { createRawTrace, type RawTrace } from './raw-trace.ts';
import { settle } from './settle.ts';
import type { Trace, TraceKind } from './trace.ts';
import { BrokenLineError, TraceError } from './trace-error.ts';
import type { TraceUnit } from './units.ts';

/** What a file does not say itself. */
export interface ReadTraceOptions {
  /** The unit of durations; without it a file whose durations look like another unit is refused. */
  readonly unit?: TraceUnit | undefined;
  /** Only calls to these neighbours, separated by commas; needed where a file has calls to several. */
  readonly peer?: string | undefined;
  /** More calls are cut off, and said. @default 2,000,000 */
  readonly maxCalls?: number | undefined;
}

/** What bytes are given to. */
interface Feeder {
  feed(bytes: Buffer): void;
  end(): void;
}

/** The form is known by so many bytes. */
const headBytes = 65_536;
/** Most bytes that are read, unpacked: a packed file may hide far more than it has. */
const maxBytes = 16_000_000_000;

/**
 * Reads a trace.
 * @throws {TraceError} when there is no file, no call in it, or its units or order cannot be right.
 */
export async function readTrace(file: string, options: ReadTraceOptions = {}): Promise<Trace> {
  await checkFile(file);
  const raw = createRawTrace(options.maxCalls ?? 2_000_000);
  let head = Buffer.alloc(0);
  let feeder: Feeder | undefined;
  let bytes = 0;
  const begin = () => {
    feeder = toFeeder(file, head, raw, options);
    feeder.feed(head);
  };
  const take = (chunk: Buffer) => {
    bytes += chunk.length;
    if (feeder !== undefined) return feeder.feed(chunk);
    head = Buffer.concat([head, chunk]);
    if (head.length >= headBytes) begin();
  };
  try {
    await readAll(file, take, () => bytes > maxBytes);
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    if (bytes === 0) throw new TraceError(`${file} cannot be read: ${why}.`);
    raw.say(`The file could not be read to its end (${why}); what came before was taken.`);
  }
  if (bytes > maxBytes) raw.say('The file is longer than 16 GB; the rest of it was left out.');
  if (feeder === undefined) begin();
  feeder?.end();
  return settle(file, raw.finish(), options.unit);
}

async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new TraceError(
      error.code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read: ${error.message}.`,
    );
  });
  if (found.isDirectory()) throw new TraceError(`${file} is a folder, not a trace.`);
  if (!found.isFile() && !found.isFIFO()) throw new TraceError(`${file} is a device, not a trace.`);
}

/** Gives all bytes of a file, unpacked, until it is enough. */
async function readAll(file: string, take: (chunk: Buffer) => void, isEnough: () => boolean): Promise<void> {
  const source = createReadStream(file, { highWaterMark: 262_144 });
  const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return;
  const isPacked = first.value[0] === 0x1f && first.value[1] === 0x8b;
  const all = async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  for await (const chunk of isPacked ? unpack(all()) : all()) {
    take(chunk);
    if (isEnough()) break;
  }
  source.destroy();
}

function unpack(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const unpacked = createGunzip({ chunkSize: 262_144 });
  // Whoever reads what is unpacked gets the error, too.
  pipeline(Readable.from(packed), unpacked).catch(() => undefined);
  return unpacked;
}

function toFeeder(file: string, head: Buffer, raw: RawTrace, { peer }: ReadTraceOptions): Feeder {
  const kind = recognize(file, head);
  raw.begin(kind);
  if (kind === 'otlp') {
    const peers = createPeers(file, raw, peer);
    const reader = createOtlpReader({ span: peers.take, broken: raw.broken });
    return { feed: reader.feed, end: peers.finish };
  }
  const parse = kind === 'calls' ? takeTraceLine : takeAccessLine;
  return createLineSplitter({
    tooLong: (number) => raw.broken(number, 'it is too long for a call'),
    line(text, number) {
      if (text === '') return;
      try {
        parse(raw, text, number);
      } catch (error) {
        if (!(error instanceof BrokenLineError)) throw error;
        raw.broken(number, error.message);
      }
    },
  });
}

function takeTraceLine(raw: RawTrace, text: string, number: number): void {
  const parsed = parseTraceLine(text);
  if ('facts' in parsed) raw.facts(parsed.facts);
  else raw.call(parsed.call, number);
}

function takeAccessLine(raw: RawTrace, text: string, number: number): void {
  for (const { call, backMs, isBare } of parseAccessLine(text)) raw.logged(call, { number, backMs, isBare });
}

/** Which form a file has. */
function recognize(file: string, head: Buffer): TraceKind {
  if (head.length === 0) throw new TraceError(`${file} is empty.`);
  if (head.includes(0)) throw new TraceError(`${file} is a binary file, not a trace.`);
  const text = head.toString('utf8').replace(/^\ufeff/, '');
  if (text.trim() === '') throw new TraceError(`${file} holds nothing but blank lines.`);
  if (/^\s*[{[][\s\S]{0,2000}"resourceSpans"\s*:/.test(text)) return 'otlp';
  const lines = text.split('\n', 2000).map((line) => line.trim());
  if (lines.some((line) => /^\{.{0,2000}"(?:t|trace)"\s*:/.test(line))) return 'calls';
  if (lines.some((line) => line.length < 20_000 && isAccessLine(line))) return 'access log';
  throw new TraceError(
    `${file} is no trace: it is neither lines like {"t":…,"ms":…,"outcome":"ok"}, nor OTLP JSON, nor an access log.`,
  );
}
