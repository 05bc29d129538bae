/** The packing of pictures: every pixel stays what it was, whatever filter a browser chose for its line. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toSmallerPng } from '../../screenshot/smaller-png.ts';

it('keeps every pixel', () => {
  const line = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.uint8Array({ minLength: 12, maxLength: 12 }));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
      const pixels = lines.map(([, bytes]) => [...bytes]);
      const png = toPng(
        4,
        lines.map(([filter], y) => toFiltered(filter, pixels[y] ?? [], pixels[y - 1])),
      );
      expect(toLines(toSmallerPng(png), 12)).toEqual(pixels.map((bytes) => [0, ...bytes]));
    }),
  );
});

it('refuses a picture of another kind', () => {
  expect(() => toSmallerPng(toPng(4, [], 3))).toThrow('This is no PNG of a browser.');
});

/** The filters as the PNG specification defines them, chapter 9. */
function toFiltered(filter: number, bytes: readonly number[], above: readonly number[] = []): number[] {
  const guess = (x: number) => {
    const [a, b, c] = [bytes[x - 3] ?? 0, above[x] ?? 0, above[x - 3] ?? 0];
    const nearest = [a, b, c].toSorted(
      (one, other) => Math.abs(a + b - c - one) - Math.abs(a + b - c - other),
    )[0];
    return [0, a, b, Math.floor((a + b) / 2), nearest ?? 0][filter] ?? 0;
  };
  return [filter, ...bytes.map((byte, x) => (byte - guess(x)) & 255)];
}

function toPng(width: number, lines: readonly number[][], color = 2): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(lines.length, 4);
  header.set([8, color], 8);
  const pixels = deflateSync(Buffer.from(lines.flat()));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    toChunk('IHDR', header),
    toChunk('IDAT', pixels),
  ]);
}

function toChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function toLines(png: Buffer, lineBytes: number): number[][] {
  const at = png.indexOf('IDAT');
  const all = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  return Array.from({ length: all.length / (lineBytes + 1) }, (_, y) => [
    ...all.subarray(y * (lineBytes + 1), (y + 1) * (lineBytes + 1)),
  ]);
}
