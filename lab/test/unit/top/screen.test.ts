/** The terminal is taken over and given back as it was; here it is a stream that remembers what it was told. */
import { EventEmitter } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openScreen, type Screen } from '../../../top/screen.ts';

const end = '\x1b[?7h\x1b[?25h\x1b[?1049l';

let written: string[];
let raw: boolean;
let keys: string[];
let resized: number;
let input: EventEmitter;
let output: EventEmitter & { columns: number; rows: number; writableNeedDrain: boolean };
let screen: Screen;

beforeEach(() => {
  written = [];
  keys = [];
  raw = false;
  resized = 0;
  input = Object.assign(new EventEmitter(), {
    isTTY: true,
    setRawMode(on: boolean) {
      raw = on;
      return input;
    },
    setEncoding: () => input,
    resume: () => input,
    pause: () => input,
  });
  output = Object.assign(new EventEmitter(), {
    columns: 80,
    rows: 24,
    writableNeedDrain: false,
    write: (text: string) => void written.push(text),
  });
  screen = openScreen({
    input: input as ReadStream,
    output: output as unknown as WriteStream,
    onKey: (key) => keys.push(key),
    onResize: () => {
      resized += 1;
    },
  });
});

afterEach(() => screen.close());

it('begins on the alternate screen, without a cursor, and hears single keys', () => {
  expect([written, raw]).toEqual([['\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J'], true]);
  input.emit('data', 'xq');
  expect(keys).toEqual(['x', 'q']);
});

it('writes only the lines that changed, each over its old self', () => {
  screen.show(['one', 'two', 'three']);
  written.length = 0;
  screen.show(['one', 'TWO']);
  screen.show(['one', 'TWO']);
  expect(written).toEqual(['\x1b[?2026h\x1b[2;1H\x1b[2KTWO\x1b[3;1H\x1b[2K\x1b[?2026l']);
});

it('empties itself and draws anew when its size changes', () => {
  screen.show(['one']);
  output.columns = 120;
  written.length = 0;
  output.emit('resize');
  screen.show(['one']);
  expect([screen.size(), resized]).toEqual([{ columns: 120, rows: 24 }, 1]);
  expect(written).toEqual(['\x1b[2J', '\x1b[?2026h\x1b[1;1H\x1b[2Kone\x1b[?2026l']);
});

it('skips a picture while the terminal is busy with the last one', () => {
  output.writableNeedDrain = true;
  written.length = 0;
  screen.show(['one']);
  expect(written).toEqual([]);
});

it('gives the terminal back once, and neither draws nor listens after it', () => {
  written.length = 0;
  screen.close();
  screen.close();
  screen.show(['one']);
  input.emit('data', 'q');
  expect([written, raw, keys]).toEqual([[end], false, []]);
});

it('gives the terminal back before a crash is printed, and at the end of the process', () => {
  const before = process.listeners('uncaughtExceptionMonitor').at(-1) as () => void;
  written.length = 0;
  before();
  expect([written, raw]).toEqual([[end], false]);
  expect(process.listeners('exit')).toContain(before);
});
