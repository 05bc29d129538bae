/** Ends of key ranges: everything that begins with some bytes lies before this. */

/** The first key after all keys that begin with these bytes. */
export function afterPrefix(bytes: Uint8Array): Buffer {
  const next = Buffer.from(bytes);
  for (let at = next.length - 1; at >= 0; at--) {
    if (next[at] === 0xff) continue;
    next[at] = (next[at] as number) + 1;
    return next.subarray(0, at + 1) as Buffer;
  }
  return Buffer.from([0xff, 0xff]);
}
