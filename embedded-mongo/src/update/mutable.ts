/**
 * A document that is being changed. Only the changed parts are decoded; other fields stay as bytes, so their types
 * cannot change and they cost nothing.
 */
import { BSON_TYPE, type RawValue, readFields, readInt32 } from '../bson/raw.ts';

/** A value that can be decoded: an object's fields in order, or an array's elements. */
export class MutableValue {
  type: number;
  private bytes: Buffer;
  private start: number;
  private end: number;
  private opened: Map<string, MutableValue> | MutableValue[] | undefined;

  constructor(value: RawValue) {
    this.type = value.type;
    this.bytes = value.bytes;
    this.start = value.start;
    this.end = value.end;
  }

  /** The fields of an object; changes to the map are changes to the document. */
  get fields(): Map<string, MutableValue> {
    if (!this.opened) {
      const fields = new Map<string, MutableValue>();
      for (const field of readFields(this.bytes, this.start)) fields.set(field.name, new MutableValue(field));
      this.opened = fields;
    }
    return this.opened as Map<string, MutableValue>;
  }

  /** The elements of an array; changes to the list are changes to the document. */
  get elements(): MutableValue[] {
    this.opened ??= readFields(this.bytes, this.start).map((field) => new MutableValue(field));
    return this.opened as MutableValue[];
  }

  /** The child by name or position; undefined when there is none. */
  child(name: string): MutableValue | undefined {
    if (this.type === BSON_TYPE.object) return this.fields.get(name);
    if (this.type === BSON_TYPE.array && /^\d+$/.test(name)) return this.elements[Number(name)];
    return undefined;
  }

  /** This value as bytes, with the changes made so far. */
  toRaw(): RawValue {
    if (!this.opened) return { type: this.type, bytes: this.bytes, start: this.start, end: this.end };
    const size = this.measure();
    const bytes = Buffer.allocUnsafe(size);
    this.write(bytes, 0);
    return { type: this.type, bytes, start: 0, end: size };
  }

  private measure(): number {
    if (!this.opened) return this.end - this.start;
    let size = 5;
    if (this.opened instanceof Map) {
      for (const [name, value] of this.opened) size += 2 + Buffer.byteLength(name) + value.measure();
    } else {
      for (let index = 0; index < this.opened.length; index++) {
        size += 2 + String(index).length + (this.opened[index] as MutableValue).measure();
      }
    }
    return size;
  }

  private write(out: Buffer, at: number): number {
    if (!this.opened) {
      out.set(this.bytes.subarray(this.start, this.end), at);
      return at + this.end - this.start;
    }
    let to = at + 4;
    const entries = this.opened instanceof Map ? this.opened : this.opened.entries();
    for (const [name, value] of entries as Iterable<[string | number, MutableValue]>) {
      out[to++] = value.type;
      to += out.write(String(name), to);
      out[to++] = 0;
      to = value.write(out, to);
    }
    out[to++] = 0;
    out.writeInt32LE(to - at, at);
    return to;
  }
}

/** An empty object or array, to be filled. */
export function emptyValue(type: number): MutableValue {
  return new MutableValue({ type, bytes: EMPTY, start: 0, end: readInt32(EMPTY, 0) });
}

const EMPTY = Buffer.from([5, 0, 0, 0, 0]);
