/**
 * `npm run top`: the breakers of a running chain as a live table in the terminal; it only reads.
 *
 * Where no terminal is, it prints the table once: exit code 0, or 1 when no service answered. 2: it was called badly.
 */
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { readStream } from '../server/read-stream.ts';
import { afterLoss, afterMessage, createBoard } from './board.ts';
import { drawBoard } from './draw-board.ts';
import { openScreen } from './screen.ts';
import { readTopPlan, topCommand } from './settings.ts';

/** Time between two frames; services send as often. */
const pictureMs = 250;
/** How long the single table waits for silent services. */
const patienceMs = 3_000;

const { urls, color, dumb } = readArguments(topCommand, (args) => readTopPlan(args), { announce, complain });
let board = createBoard(urls);
let onNews = () => {};
const endings = urls.map((url) =>
  readStream({
    url: `${url}/events`,
    onMessage: (message) => {
      board = afterMessage(board, url, message, Date.now());
      onNews();
    },
    onLost: (why) => {
      board = afterLoss(board, url, why);
      onNews();
    },
  }),
);

if (process.stdout.isTTY && !dumb) watch();
else await printOnce();

function watch(): void {
  const show = () => screen.show(drawBoard(board, Date.now(), { ...screen.size(), color }));
  const stop = () => {
    screen.close();
    process.exit(0);
  };
  const screen = openScreen({
    input: process.stdin,
    output: process.stdout,
    onKey: (key) => {
      if (key === 'q' || key === 'Q' || key === '\x03') stop();
    },
    onResize: show,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  // A terminal that is gone cannot be restored.
  process.stdout.once('error', () => process.exit(1));
  setInterval(show, pictureMs);
  show();
}

/** Prints once every service has answered or failed, or the wait has ended. */
async function printOnce(): Promise<void> {
  await new Promise<void>((resolve) => {
    onNews = () => {
      if (board.services.every(({ status, lost }) => status !== null || lost !== null)) resolve();
    };
    setTimeout(resolve, patienceMs).unref();
  });
  for (const end of endings) end();
  announce(drawBoard(board, Date.now(), { columns: Infinity, rows: Infinity, color: false }).join('\n'));
  process.exit(board.services.some(({ status }) => status !== null) ? 0 : 1);
}
