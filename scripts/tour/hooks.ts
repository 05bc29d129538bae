/**
 * Configures httpyac: a hook that turns `# @expect` and `# @until` into assertions, and one that fills in `{{…}}`.
 *
 * httpyac itself ignores `# @expect`, so that a wrong one passes. Here everything unknown behind `# @` becomes a failed
 * test of its request.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { HttpRegion, HttpResponse, HttpyacHooksApi, ProcessorContext, TestResult } from 'httpyac';
import {
  type Expectation,
  ExpectationError,
  parseExpectation,
  parseWait,
  type Reply,
  type Wait,
} from './expectation.ts';
import { fillIn } from './placeholder.ts';

/** The interval of `# @until`. */
const everyMs = 100;
/** The time-out of one request of `# @until`. */
const questionMs = 10_000;

/** Adds the hooks to a file that httpyac is about to read. */
export function configureHooks({ hooks, utils }: Pick<HttpyacHooksApi, 'hooks' | 'utils'>): void {
  // First: the other hooks ignore what they do not know, or run it as a script.
  hooks.replaceVariable.addHook(
    'tour',
    (text, _type, context) =>
      (typeof text === 'string' ? fillIn(text, toSources(context)) : text) as undefined,
    { before: ['host', 'intellijDynamic', 'intellijProjectContext', 'javascript'] },
  );

  // First: other annotations of httpyac would be accepted silently.
  hooks.parseMetaData.addHook(
    'tour',
    (word, value = '', { httpRegion }) => {
      if (word === 'name' || word === 'title') return false;
      const read = { expect: readExpectation, until: readWait, times: readTimes }[word];
      if (read === undefined) {
        fail(httpRegion, `@${word}`, `There is no @${word}; there are @name, @expect, @until and @times.`);
        return true;
      }
      try {
        read(httpRegion, value);
      } catch (error) {
        fail(httpRegion, `@${word} ${value}`, toMessage(error));
      }
      return true;
    },
    { before: ['disabled'] },
  );

  function readExpectation(region: HttpRegion, value: string): void {
    const expectation = parseExpectation(value);
    region.hooks.onResponse.addHook(`expect ${value}`, (response, context) => {
      judge(expectation, response, context);
    });
  }

  function readWait(region: HttpRegion, value: string): void {
    const until = parseWait(value);
    region.hooks.onResponse.addHook(`until ${value}`, async (response, context) => {
      await askUntil(until, response, context);
      judge(until.expectation, response, context);
    });
  }

  /** How often a request is sent; run-tour.ts repeats it. */
  function readTimes(_region: HttpRegion, value: string): void {
    if (!/^[1-9]\d?$/.test(value)) {
      throw new ExpectationError(`"${value}" is no number of times from 1 to 99`);
    }
  }

  function judge(expectation: Expectation, response: HttpResponse, context: ProcessorContext): void {
    const fault = check(expectation, response, context);
    report(context.httpRegion, expectation.text, fault);
  }

  /** A request with an unknown annotation fails and is not sent. */
  function fail(region: HttpRegion, what: string, why: string): void {
    region.hooks.execute.addHook(`tour ${what}`, (context) => {
      report(context.httpRegion, what, why);
      return false;
    });
  }

  function report(region: HttpRegion, message: string, fault: string | undefined): void {
    const result: TestResult =
      fault === undefined
        ? { message, status: 'SUCCESS' as TestResult['status'] }
        : {
            message,
            status: 'FAILED' as TestResult['status'],
            error: { displayMessage: fault, error: new Error(fault) },
          };
    utils.addTestResultToHttpRegion(region, result);
  }
}

/** Repeats the request until the answer is as expected; the last answer replaces the first. */
async function askUntil(
  { expectation, withinMs }: Wait,
  response: HttpResponse,
  context: ProcessorContext,
): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (check(expectation, response, context) !== undefined && performance.now() < endsAt) {
    await wait(everyMs);
    // A service that does not answer is waited for, too.
    const again = await askAgain(response).catch(() => undefined);
    if (again !== undefined) Object.assign(response, again);
  }
}

async function askAgain({ request }: HttpResponse): Promise<Partial<HttpResponse>> {
  const { method = 'GET', url = '', headers = {}, body } = request ?? {};
  const startedAt = performance.now();
  const response = await fetch(url, {
    method,
    headers: Object.entries(headers)
      .filter(([name]) => !/^(connection|host|content-length|accept-encoding)$/i.test(name))
      .map(([name, value]): [string, string] => [name, String(value)]),
    ...(typeof body === 'string' || body instanceof Uint8Array ? { body: body as string } : {}),
    signal: AbortSignal.timeout(questionMs),
  });
  const text = await response.text();
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: text,
    timings: { total: performance.now() - startedAt },
  };
}

function check(
  expectation: Expectation,
  response: HttpResponse,
  context: ProcessorContext,
): string | undefined {
  try {
    return expectation.check(toReply(response), (text) => fillIn(text, toSources(context)));
  } catch (error) {
    return toMessage(error);
  }
}

function toReply({ statusCode, timings, headers = {}, body }: HttpResponse): Reply {
  const text = Buffer.isBuffer(body) ? body.toString() : typeof body === 'string' ? body : '';
  return {
    status: statusCode,
    durationMs: timings?.total ?? Number.NaN,
    headers,
    text,
    body: parseJson(text),
  };
}

/** httpyac keeps the answer to the request `create` as the variable `createResponse`. */
function toSources({ variables }: ProcessorContext) {
  return {
    variable: (name: string) => variables[name],
    reply(name: string) {
      const response = variables[`${name}Response`] as HttpResponse | undefined;
      return response === undefined ? undefined : toReply(response);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: only `text` applies
  }
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
