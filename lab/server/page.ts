/**
 * The dashboard's files: bundled once, at the start, and kept in memory. The only importer of esbuild.
 *
 * When bundling fails, the lab still runs, logs the error, and answers 500 with it.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file of the page. */
export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
  readonly etag: string;
}

/** The page: its files by path, or the error. */
export type Page =
  | { readonly kind: 'made'; readonly files: ReadonlyMap<string, PageFile> }
  | { readonly kind: 'broken'; readonly why: string };

/** The folder of the dashboard's sources: `index.html`, `main.ts`, `main.css`. */
export const dashboardFolder = fileURLToPath(new URL('../dashboard', import.meta.url));

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
};

/** Bundles the page. Never rejects. */
export async function makePage(folder = dashboardFolder): Promise<Page> {
  try {
    const [html, bundled] = await Promise.all([readFile(join(folder, 'index.html')), bundle(folder)]);
    return { kind: 'made', files: new Map([['/', toFile('index.html', html)], ...bundled]) };
  } catch (error) {
    return {
      kind: 'broken',
      why: `The page cannot be made: ${toSentence(error).replaceAll(folder, basename(folder))}`,
    };
  }
}

async function bundle(folder: string): Promise<[path: string, file: PageFile][]> {
  // Loaded here, so that a lab without esbuild can report it.
  const { build, stop } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: ['main.ts', 'main.css'],
      outdir: 'assets',
      bundle: true,
      minify: true,
      format: 'esm',
      target: ['es2022'],
      loader: { '.svg': 'file', '.woff2': 'file' },
      write: false,
      logLevel: 'silent',
    });
    return outputFiles.map(({ path, contents }) => [
      `/assets/${basename(path)}`,
      toFile(path, Buffer.from(contents)),
    ]);
  } finally {
    // Its process is not needed any more.
    await stop();
  }
}

function toFile(path: string, content: Buffer): PageFile {
  const type = types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  const digest = createHash('sha256').update(content).digest('base64url').slice(0, 22);
  return { type, content, etag: `"${digest}"` };
}

/** The first error of a bundle with its place; in one line. */
function toSentence(error: unknown): string {
  const [first] =
    (error as { errors?: { text: string; location?: { file: string; line: number } | null }[] })?.errors ??
    [];
  const place = first?.location ? `${first.location.file}:${first.location.line}: ` : '';
  const text = first?.text ?? (error instanceof Error ? error.message : String(error));
  return `${place}${text.split('\n', 1)[0]}`;
}
