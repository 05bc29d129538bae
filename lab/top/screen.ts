/**
 * The terminal as a canvas: the alternate screen with a hidden cursor, restored at every exit.
 *
 * Only changed lines are written, so that nothing flickers.
 */
import type { ReadStream, WriteStream } from 'node:tty';

/** A screen. */
export interface Screen {
  /** Its size now. */
  size(): { columns: number; rows: number };
  /** Replaces what is shown; skipped while the terminal still takes the last frame. */
  show(lines: readonly string[]): void;
  /** Restores the terminal; repeated calls do nothing. */
  close(): void;
}

/** The terminal and the callbacks. */
export interface ScreenOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** A key was pressed; Ctrl-C is `\x03`. */
  readonly onKey: (key: string) => void;
  readonly onResize: () => void;
}

// ?1049 is the alternate screen, ?25 the cursor, ?7 whether long lines wrap.
const begin = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const end = '\x1b[?7h\x1b[?25h\x1b[?1049l';

// ?2026 makes a terminal that supports it show all changes at once.
const hold = '\x1b[?2026h';
const release = '\x1b[?2026l';

/** Switches to the alternate screen. */
export function openScreen({ input, output, onKey, onResize }: ScreenOptions): Screen {
  let shown: readonly string[] = [];
  let open = true;
  const listen = (keys: string) => {
    for (const key of keys) onKey(key);
  };
  const close = () => {
    if (!open) return;
    open = false;
    if (input.isTTY) input.setRawMode(false).pause().off('data', listen);
    output.write(end);
  };

  // A crash is printed after this, on the normal screen.
  process.on('uncaughtExceptionMonitor', close).on('exit', close);
  output.on('resize', () => {
    shown = [];
    output.write('\x1b[2J');
    onResize();
  });
  if (input.isTTY) input.setRawMode(true).setEncoding('utf8').on('data', listen).resume();
  output.write(begin);

  return {
    size: () => ({ columns: output.columns, rows: output.rows }),
    show(lines) {
      if (!open || output.writableNeedDrain) return;
      const rows = Math.max(lines.length, shown.length);
      const changed = Array.from({ length: rows }, (_, row) => row).filter(
        (row) => lines[row] !== shown[row],
      );
      shown = [...lines];
      if (changed.length > 0)
        output.write(`${hold}${changed.map((row) => toRow(row, lines[row])).join('')}${release}`);
    },
    close,
  };
}

/** The row is emptied first: after a line that fills the terminal, emptying the rest would take its last character. */
function toRow(row: number, line = ''): string {
  return `\x1b[${row + 1};1H\x1b[2K${line}`;
}
