/** Reads a body of HTTP as text, in the one way that costs least: the arms of the benchmark share it. */
import type { IncomingMessage } from 'node:http';

/** Reads a stream to its end. */
export function textOf(stream: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (part: string) => {
      text += part;
    });
    stream.once('end', () => resolve(text));
    stream.once('error', reject);
  });
}
