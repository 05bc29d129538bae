/**
 * Reads single keys from a terminal, and restores it at the end and while the process is suspended.
 *
 * In raw mode the terminal sends Ctrl-C, Ctrl-Z and Ctrl-\ as characters, which become signals again here. A background
 * process must not change the terminal: the system would stop it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const signals: Readonly<Record<string, NodeJS.Signals>> = { '\x03': 'SIGINT', '\x1c': 'SIGQUIT' };
const suspend = '\x1a';

/** Calls `press` for each key; returns false when there is no terminal to read from. */
export function onKeyPress(press: (key: string) => unknown): boolean {
  const { stdin } = process;
  if (!stdin.isTTY || !isInForeground()) return false;

  stdin.setEncoding('utf8');
  stdin.on('data', (typed) => take(String(typed)));
  // A closed terminal also sends SIGHUP, which stop-signals.ts handles.
  stdin.on('error', () => undefined);
  process.on('exit', letGo);
  process.on('SIGCONT', () => isInForeground() && takeOver());
  takeOver();
  return true;

  /** One chunk is one key; longer chunks are a paste or an arrow key, which are ignored. */
  function take(typed: string): void {
    const signal = [...typed].map((character) => signals[character]).find((one) => one !== undefined);
    if (signal !== undefined) process.kill(process.pid, signal);
    else if (typed === suspend) sleep();
    else if (typed.length === 1) press(typed);
  }

  function takeOver(): void {
    stdin.setRawMode(true);
    stdin.resume();
  }

  function letGo(): void {
    stdin.pause();
    stdin.setRawMode(false);
  }

  /** Suspends the whole process group, npm included, as the terminal would. */
  function sleep(): void {
    letGo();
    process.kill(0, 'SIGTSTP');
  }
}

/** Whether this process group is in the foreground; started with `&`, it is not. */
function isInForeground(): boolean {
  try {
    const [group, terminals] = process.platform === 'linux' ? groupsOfProc() : groupsOfPs();
    return group === terminals;
  } catch {
    return true; // unknown on this system; most starts are in the foreground
  }
}

/** Fields 5 and 8 of proc(5); the name in parentheses before them can contain spaces. */
function groupsOfProc(): (string | undefined)[] {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [fields[2], fields[5]];
}

function groupsOfPs(): string[] {
  const answer = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', `${process.pid}`], { encoding: 'utf8' });
  return answer.trim().split(/\s+/);
}
