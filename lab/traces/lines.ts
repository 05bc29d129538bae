/** Splits bytes into lines; a line that is too long is left out without being kept. */

/** Gets bytes and gives lines. */
export interface LineSplitter {
  feed(bytes: Buffer): void;
  /** The last line may have no end. */
  end(): void;
}

/** What a splitter reports; lines are counted from 1. */
export interface LineReader {
  line(text: string, number: number): void;
  tooLong(number: number): void;
}

/** Longer lines of single calls are none. */
const maxLineBytes = 65_536;

const newLine = 0x0a;

/** Begins at line 1. */
export function createLineSplitter(reader: LineReader): LineSplitter {
  let number = 1;
  let rest: Buffer | undefined;
  let isTooLong = false;

  return {
    feed(bytes) {
      let from = 0;
      for (let to = bytes.indexOf(newLine); to >= 0; to = bytes.indexOf(newLine, from)) {
        take(bytes.subarray(from, to));
        from = to + 1;
      }
      if (from < bytes.length) keep(bytes.subarray(from));
    },
    end() {
      if (rest !== undefined || isTooLong) take(Buffer.alloc(0));
    },
  };

  function take(bytes: Buffer): void {
    const whole = rest === undefined ? bytes : Buffer.concat([rest, bytes]);
    if (isTooLong || whole.length > maxLineBytes) reader.tooLong(number);
    else reader.line(whole.toString('utf8').trim(), number);
    rest = undefined;
    isTooLong = false;
    number += 1;
  }

  function keep(bytes: Buffer): void {
    if (isTooLong) return;
    rest = rest === undefined ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
    if (rest.length <= maxLineBytes) return;
    rest = undefined;
    isTooLong = true;
  }
}
