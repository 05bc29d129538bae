/**
 * The terminal as a surface: the alternate screen with its cursor hidden, and given back as it was, however it ends.
 *
 * Only lines that changed are written, each over its old self, so that nothing flickers.
 */
import type { ReadStream, WriteStream } from 'node:tty';

/** A terminal that is drawn on. */
export interface Screen {
  /** Its size now. */
  size(): { columns: number; rows: number };
  /** Replaces what is shown; a terminal that is still busy with the last picture skips this one. */
  show(lines: readonly string[]): void;
  /** Gives the terminal back; more than once does no harm. */
  close(): void;
}

/** The terminal, and whom to tell. */
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

// ?2026 lets a terminal that knows it show all changes at once.
const hold = '\x1b[?2026h';
const release = '\x1b[?2026l';

/** Takes the terminal over. */
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

  // A crash is printed after this, and so on the screen that stays.
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
