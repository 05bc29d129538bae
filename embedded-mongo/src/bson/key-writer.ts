/**
 * A growing buffer for order-preserving keys.
 * One instance is reused for all keys: `take` copies out what was written since `start`.
 */

/** Collects the bytes of a key. */
export class KeyWriter {
  bytes = Buffer.allocUnsafe(4096);
  length = 0;

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe((this.length + count) * 2);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Appends one byte. */
  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Appends a slice of other bytes as they are. */
  slice(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    const { bytes } = this;
    let to = this.length;
    if (count > 48) bytes.set(source.subarray(start, end), to);
    else for (let at = start; at < end; at++) bytes[to++] = source[at] as number;
    this.length += count;
  }

  /** Appends a 32-bit unsigned number, big-endian. */
  uint32(value: number): void {
    this.reserve(4);
    this.length = this.bytes.writeUInt32BE(value >>> 0, this.length);
  }

  /**
   * Appends bytes in a form that keeps their order and can be followed by other parts: a zero becomes `00 FF`, the end
   * is `00 01`.
   */
  escaped(source: Uint8Array, start: number, end: number): void {
    this.reserve((end - start) * 2 + 2);
    const { bytes } = this;
    let to = this.length;
    for (let at = start; at < end; at++) {
      const byte = source[at] as number;
      bytes[to++] = byte;
      if (byte === 0) bytes[to++] = 0xff;
    }
    bytes[to++] = 0;
    bytes[to++] = 1;
    this.length = to;
  }

  /** Inverts all bytes since `start`, which reverses their order (a descending index part). */
  invert(start: number): void {
    for (let at = start; at < this.length; at++) this.bytes[at] = ~(this.bytes[at] as number) & 0xff;
  }

  /** Copies out the bytes since `start` and removes them. */
  take(start = 0): Buffer {
    const key = Buffer.from(this.bytes.subarray(start, this.length));
    this.length = start;
    return key;
  }
}
