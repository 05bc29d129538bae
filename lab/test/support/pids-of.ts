/** Which processes a test has started, those that they started included. */
import { readdirSync, readFileSync } from 'node:fs';

/** The processes below this one whose command line contains a text, by Linux's own list. */
export function pidsOf(text: string): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, parent] = /^\d+ \(.*\) \S (\d+) /s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        return [
          { pid: Number(name), parent: Number(parent), line: readFileSync(`/proc/${name}/cmdline`, 'utf8') },
        ];
      } catch {
        return []; // it has ended meanwhile
      }
    });
  const below = new Set([process.pid]);
  for (let known = 0; known < below.size; ) {
    known = below.size;
    for (const { pid, parent } of all) if (below.has(parent)) below.add(pid);
  }
  below.delete(process.pid);
  return all.filter(({ pid, line }) => below.has(pid) && line.includes(text)).map(({ pid }) => pid);
}
