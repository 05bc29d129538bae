/**
 * Single keys from a terminal, and the terminal back as it was: at the end, and while we are suspended.
 *
 * In raw mode the terminal sends Ctrl-C and its like as characters, so here they become signals again. A process in
 * the background must not touch the terminal at all: the system would stop it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const signals: Readonly<Record<string, NodeJS.Signals>> = { '\x03': 'SIGINT', '\x1c': 'SIGQUIT' };
const suspend = '\x1a';

/** Calls `press` for each key; answers false when there is no terminal to read from. */
export function onKeyPress(press: (key: string) => unknown): boolean {
  const { stdin } = process;
  if (!stdin.isTTY || !isInForeground()) return false;

  stdin.setEncoding('utf8');
  stdin.on('data', (typed) => take(String(typed)));
  // A terminal that is gone says so with SIGHUP too, which stop-signals.ts hears.
  stdin.on('error', () => undefined);
  process.on('exit', letGo);
  process.on('SIGCONT', () => isInForeground() && takeOver());
  takeOver();
  return true;

  /** What comes as one piece is one key; more of it is a paste or an arrow, which stand for nothing. */
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

  /** Suspends the whole group, npm included, as the terminal itself would have done. */
  function sleep(): void {
    letGo();
    process.kill(0, 'SIGTSTP');
  }
}

/** Whether the terminal is ours: started with `&`, it is the shell's. */
function isInForeground(): boolean {
  try {
    const [group, terminals] = process.platform === 'linux' ? groupsOfProc() : groupsOfPs();
    return group === terminals;
  } catch {
    return true; // a system that does not tell; most starts are in the foreground
  }
}

/** Fields 5 and 8 of proc(5); what stands in parentheses before them may hold spaces. */
function groupsOfProc(): (string | undefined)[] {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [fields[2], fields[5]];
}

function groupsOfPs(): string[] {
  const answer = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', `${process.pid}`], { encoding: 'utf8' });
  return answer.trim().split(/\s+/);
}
