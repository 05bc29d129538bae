/**
 * A page of instructions as a program reads it: files under their path in bold, changes to files with + and −, and
 * commands after a `$` with what they say, where … stands for anything.
 */

/** A whole file, or a change to one. */
export interface Block {
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

/** A command, and what it says. */
export interface Step {
  readonly command: string;
  readonly output: string;
}

/** Reads a page in Markdown. */
export function readPage(markdown: string): {
  readonly blocks: readonly Block[];
  readonly steps: readonly Step[];
} {
  const blocks = [...markdown.matchAll(/^\*\*`([^`]+)`\*\*\n\n```(\w+)\n([\s\S]*?\n)```$/gm)].map(
    ([, path = '', language = '', text = '']) => ({ path, language, text }),
  );
  const steps = [...markdown.matchAll(/^```console\n([\s\S]*?)```$/gm)].flatMap(([, text = '']) =>
    text.split(/^\$ /m).flatMap((step) => {
      const [command = '', ...output] = step.split('\n');
      return command === '' ? [] : { command, output: output.join('\n').trim() };
    }),
  );
  return { blocks, steps };
}

/**
 * Answers a file with a change made to it. Parts of the change are separated by `@@`, and each has to fit in one place.
 * @throws {Error} when a part fits nowhere, or in several places.
 */
export function withChange(file: string, { path, text: change }: Block): string {
  return change.split(/^@@\n/m).reduce((text, part) => {
    const lines = part.split('\n').slice(0, -1);
    const side = (without: string) =>
      lines.filter((line) => !line.startsWith(without)).map((line) => `${line.slice(1)}\n`);
    const before = side('+').join('');
    const places = `\n${text}`.split(`\n${before}`).length - 1;
    if (places !== 1) throw new Error(`${path} has ${places} places for:\n${part}`);
    return `\n${text}`.replace(`\n${before}`, () => `\n${side('-').join('')}`).slice(1);
  }, file);
}

/** Whether a command said what the page promises. */
export function says(output: string, promised: string): boolean {
  const pattern = promised
    .split('…')
    .map((text) => RegExp.escape(text))
    .join('[\\s\\S]*');
  return new RegExp(`^${pattern}$`).test(output.replaceAll('\r', '').trim());
}
