/**
 * Turns a CPU profile into shares of self time: by where the code is from, and by function.
 *
 * Idle time is left out of every share. "Native" is time below JavaScript, such as system calls.
 */

/** The parts of V8's `.cpuprofile` that are read; times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** One position in the call tree. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    /** Counted from 0. */
    readonly lineNumber: number;
  };
}

/** The profile of one process. */
export interface Shares {
  /** Share of the time in which it was not idle. */
  readonly busyRatio: number;
  readonly groups: readonly { readonly group: string; readonly ratio: number }[];
  readonly functions: readonly {
    readonly name: string;
    readonly group: string;
    readonly place: string;
    readonly ratio: number;
  }[];
}

/** Adds up the samples between two moments of the profile's clock; largest shares first. */
export function toShares(profile: CpuProfile, { from, to }: { from: number; to: number }): Shares {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const byGroup = new Map<string, number>();
  const byFunction = new Map<string, { name: string; group: string; place: string; us: number }>();
  let at = profile.startTime;
  let idle = 0;
  let busy = 0;
  profile.samples.forEach((id, index) => {
    const us = profile.timeDeltas[index] ?? 0;
    at += us;
    const frame = nodes.get(id)?.callFrame;
    if (frame === undefined || at < from || at > to) return;
    if (frame.functionName === '(idle)') {
      idle += us;
      return;
    }
    busy += us;
    const group = toGroup(frame);
    const place = frame.url === '' ? '' : `${frame.url.split('/').at(-1)}:${frame.lineNumber + 1}`;
    byGroup.set(group, (byGroup.get(group) ?? 0) + us);
    const key = `${frame.functionName} ${frame.url}:${frame.lineNumber}`;
    const own = byFunction.get(key) ?? { name: frame.functionName || '(anonymous)', group, place, us: 0 };
    own.us += us;
    byFunction.set(key, own);
  });
  return {
    busyRatio: busy / Math.max(1, busy + idle),
    groups: [...byGroup]
      .map(([group, us]) => ({ group, ratio: us / busy }))
      .sort((a, b) => b.ratio - a.ratio),
    functions: [...byFunction.values()]
      .map(({ us, ...rest }) => ({ ...rest, ratio: us / busy }))
      .sort((a, b) => b.ratio - a.ratio),
  };
}

/** The origin of a function: a package, Node's own modules, this repository, or native code. */
export function toGroup({ functionName, url }: ProfileNode['callFrame']): string {
  if (functionName === '(garbage collector)') return 'garbage collector';
  if (functionName === '(program)') return 'native, outside JavaScript';
  if (url === '') return 'native, called from JavaScript';
  if (url.startsWith('node:')) return 'node';
  const packaged = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  return packaged ?? 'our own files';
}
