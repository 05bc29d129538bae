/**
 * Runs the requests of an .http file through httpyac, one after another, and counts met expectations.
 *
 * The only importer of httpyac. It ignores unknown lines silently, and its own `@loop` loses the last round, so
 * requests are repeated here, and the file's contents are compared with what was run.
 */
import {
  cli,
  type HttpFile,
  type HttpRegion,
  type HttpResponse,
  send,
  store,
  type TestResult,
} from 'httpyac';
import { configureHooks } from './hooks.ts';

/** The result of one request of a file. */
export interface RequestResult {
  readonly title: string;
  readonly status: number | undefined;
  readonly ms: number;
  readonly results: readonly ExpectationResult[];
}

/** The result of one expectation. */
export interface ExpectationResult {
  readonly text: string;
  /** The difference in words; `undefined` when it was met. */
  readonly fault: string | undefined;
}

/** Runs every request of a file's text; `onResult` is called after each. */
export async function runTour(
  text: string,
  { fileName, onResult }: { fileName: string; onResult: (result: RequestResult) => void },
): Promise<RequestResult[]> {
  cli.initFileProvider();
  const config = {
    configureHooks,
    cookieJarEnabled: false,
    log: { level: 1000 as never },
    request: { timeout: 20_000 },
  };
  const options = { workingDir: process.cwd(), config };
  const httpFile = await new store.HttpFileStore().parse(fileName, text, options);
  const regions = httpFile.httpRegions.filter(({ request }) => request !== undefined);
  const finished: RequestResult[] = [];
  const add = (result: RequestResult) => {
    finished.push(result);
    onResult(result);
  };

  for (const httpRegion of regions) {
    let response: HttpResponse | undefined;
    httpRegion.hooks.onResponse.addHook('tour seen', (seen) => {
      response = seen;
    });
    const results: ExpectationResult[] = [];
    const startedAt = performance.now();
    for (let round = 0; round < toTimes(httpRegion); round += 1) {
      const isGood = await send({ httpFile, httpRegion, config });
      results.push(...toResults(httpRegion, isGood), ...ofTheHead(httpFile));
    }
    const ms = performance.now() - startedAt;
    add({ title: toTitle(httpRegion), status: response?.statusCode, ms, results });
  }
  for (const fault of findOverlooked(text, regions.length)) {
    add({ title: fileName, status: undefined, ms: 0, results: [{ text: 'everything in it is run', fault }] });
  }
  return finished;
}

/** The value of `# @times`; hooks.ts has checked that it is a number. */
function toTimes({ metaData: { times } }: HttpRegion): number {
  return typeof times === 'string' ? Number(times) || 1 : 1;
}

function toResults({ testResults = [] }: HttpRegion, isGood: boolean): ExpectationResult[] {
  const results = testResults.map(toResult);
  // httpyac lists its own errors twice.
  const once = results.filter(
    ({ text, fault }, index) =>
      fault === undefined || results.findIndex((one) => one.text === text && one.fault === fault) === index,
  );
  if (once.length === 0) once.push({ text: 'something is expected', fault: 'it has no @expect' });
  if (!isGood && once.every(({ fault }) => fault === undefined)) {
    once.push({ text: 'it is sent and answered', fault: 'httpyac says that it failed' });
  }
  return once;
}

/** Errors above the first request, which would keep every request from being sent. */
function ofTheHead({ globalHttpRegions }: HttpFile): ExpectationResult[] {
  return globalHttpRegions
    .flatMap(({ testResults = [] }) => testResults.map(toResult))
    .filter(({ fault }) => fault !== undefined);
}

function toResult({ message, status, error }: TestResult): ExpectationResult {
  if (`${status}` === 'SUCCESS') return { text: message, fault: undefined };
  return { text: message, fault: error?.error?.message ?? error?.displayMessage ?? `${status}` };
}

function toTitle({ metaData: { title, name }, request }: HttpRegion): string {
  return `${title ?? `${request?.method} ${request?.url}`}${name === undefined || name === title ? '' : ` (${name})`}`;
}

/** Lines that httpyac takes for a comment or ignores. */
function findOverlooked(text: string, requests: number): string[] {
  const missing = (text.match(/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /gm)?.length ?? 0) - requests;
  const almost = text.split('\n').flatMap((line, index) => {
    const isAlmost = /^\s*(#+|\/\/+)\s*(@|(expect|until) +(status|duration|text|header|body)\b)/i.test(line);
    return isAlmost && !/^# @[a-z]/.test(line) ? [`line ${index + 1} is only a comment: ${line.trim()}`] : [];
  });
  return [
    ...(missing === 0 ? [] : [`${missing} requests of the file are not understood as such`]),
    ...almost,
  ];
}
