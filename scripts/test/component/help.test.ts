/** Every command of npm that is a script of this repository says how to call it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runProcess } from '../../../e2e/run-process.ts';

const manifest = fileURLToPath(new URL('../../../package.json', import.meta.url));
const { scripts } = JSON.parse(readFileSync(manifest, 'utf8')) as { scripts: Record<string, string> };
const commands = Object.entries(scripts).flatMap(([name, line]) => {
  const [, program, script] = /^exec (node|bash) (\S+)$/.exec(line) ?? [];
  const called = name === 'start' || name === 'test' ? `npm ${name}` : `npm run ${name}`;
  const runner = program === 'node' ? process.execPath : 'bash';
  return script === undefined ? [] : [[called, runner, script] as const];
});

/** Commands that judge: 2 says that no verdict can be given, so a bad call ends with 3. */
const judging = ['agreement', 'experiment', 'metastable', 'tune'].map((name) => `npm run ${name}`);

it('every command that runs a file of this repository is found', () => {
  const ours = Object.values(scripts).flatMap((line) => /\S+\.(ts|sh)\b/.exec(line)?.[0] ?? []);
  expect(commands.map(([, , script]) => script)).toEqual([...new Set(ours)]);
});

describe.each(commands)('%s', (called, runner, script) => {
  it('prints its help, with an example, and ends with 0', async () => {
    const { code, out, err } = await run(runner, script, '--help');
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out[0]).toMatch(new RegExp(`^Usage: ${called}( -- .+)?$`));
    expect(out).toContainEqual(expect.stringMatching(/^Example: \S/));
    expect(out).toContainEqual(expect.stringMatching(/^ {2}--help +says this$/));
    expect(out.filter((line) => line.length > 120 && !line.startsWith('Usage: '))).toEqual([]);
  });

  it('refuses an unknown option with 2, or 3 where 2 is a verdict, and names the nearest', async () => {
    const { code, out, err } = await run(runner, script, '--hepl');
    expect({ code, out }).toEqual({ code: judging.includes(called) ? 3 : 2, out: [] });
    expect(err.join('\n')).toMatch(
      new RegExp(`--hepl is not known here; did you mean --help\\? ${called} -- --help says what is\\.$`),
    );
  });
});

async function run(runner: string, script: string, argument: string) {
  const running = runProcess(runner, [script, argument]);
  const code = await running.ended;
  return { code, out: running.stdout, err: running.stderr };
}
