/**
 * An HTTP client that sends creates of one turn of the event loop to the same address in one message.
 *
 * Each attempt keeps its own timer, signal and answer; one that is alone goes as it is. A message that breaks fails
 * all of its attempts that have no answer, and counts against the neighbour once.
 */
import { readCount } from '../proof/chain-gate.ts';
import type { ChainKeys } from '../proof/chain-keys.ts';
import { type Claim, proveClaim, toDigest } from '../proof/chain-proof.ts';
import type { Clock } from '../resilience/deadline.ts';
import { AttemptTimeoutError, NeighbourError } from '../resilience/errors.ts';
import {
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  toUnreachable,
} from '../resilience/http-client.ts';
import {
  type EntryAnswer,
  groupHeader,
  groupPart,
  groupType,
  maxBodiesBytes,
  maxEntries,
  parseEntryAnswer,
  writeGroup,
} from './group-format.ts';
import { toNeighbourError } from './neighbour-answer.ts';

/** An attempt, and who waits for its answer. */
interface QueuedAttempt {
  readonly attempt: HttpRequest & { readonly body: string; readonly groupKey: string };
  readonly resolve: (answer: HttpResponse) => void;
  readonly reject: (error: unknown) => void;
}

/** How long an address that has refused a group gets single requests, whatever it announces. */
const singlyMs = 60_000;
/** How much later than its last attempt a message ends: each attempt has a timer of its own, which is to be the first. */
const outliveMs = 1000;

/** Adds groups to a client: for requests with `groupKey`, to addresses that have announced that they take groups. */
export function createGroupClient(
  client: HttpClient,
  { keys, clock }: { readonly keys: Pick<ChainKeys, 'signing'>; readonly clock: Clock },
): HttpClient {
  const waiting = new Map<string, QueuedAttempt[]>();
  /** From when on an address may get groups; one that announces nothing is not in it. */
  const groupsFrom = new Map<string, number>();

  return {
    send(attempt) {
      const { groupKey, body, signal } = attempt;
      if (groupKey === undefined || body === undefined) return client.send(attempt);
      if (!takesGroups(attempt.url) || signal?.aborted) return sendAlone(attempt);
      return new Promise((resolve, reject) => {
        const key = `${attempt.url} ${groupKey}`;
        const queued = { attempt: { ...attempt, body, groupKey }, resolve, reject };
        const others = waiting.get(key);
        if (others !== undefined) return void others.push(queued);
        const attempts = [queued];
        waiting.set(key, attempts);
        setImmediate(() => {
          waiting.delete(key);
          for (const group of split(attempts)) sendQueued(group);
        });
      });
    },
    close: () => client.close(),
  };

  function takesGroups(url: string): boolean {
    const from = groupsFrom.get(url);
    return from !== undefined && from <= clock();
  }

  async function sendAlone(attempt: HttpRequest): Promise<HttpResponse> {
    const answer = await client.send(attempt);
    const isAnnounced = answer.header(groupHeader.toLowerCase()) !== undefined;
    if (isAnnounced && !groupsFrom.has(attempt.url)) groupsFrom.set(attempt.url, clock());
    // What refuses for want of room proves nothing and announces nothing.
    if (!isAnnounced && answer.header('chain-proof') !== undefined) groupsFrom.delete(attempt.url);
    return answer;
  }

  function sendQueued(attempts: readonly QueuedAttempt[]): void {
    if (attempts.length > 1) return void sendGroup(attempts);
    for (const { attempt, resolve, reject } of attempts) sendAlone(attempt).then(resolve, reject);
  }

  async function sendGroup(attempts: readonly QueuedAttempt[]): Promise<void> {
    const controller = new AbortController();
    const group = createGroup(attempts, () => controller.abort());
    const sentAt = clock();
    try {
      const { url } = (attempts[0] as QueuedAttempt).attempt;
      const answer = await client.send({
        ...toMessage(attempts, keys),
        timeoutMs: outliveMs + Math.max(...attempts.map(({ attempt }) => attempt.timeoutMs)),
        signal: controller.signal,
        onBytes: (bytes) => group.read(bytes),
      });
      const isKnown = answer.status === 200 && answer.header('content-type') === groupType;
      if (isKnown) return group.fail(toUnreachable({ code: 'ECONNABORTED' }));
      const isItsState = answer.status >= 500 || answer.status === 408 || answer.status === 429;
      if (!isItsState || isOfProxy(answer)) groupsFrom.set(url, clock() + singlyMs);
      if (isItsState) return group.fail(toNeighbourError(answer));
      // It knows no groups, and has done nothing.
      const tookMs = Math.floor(clock() - sentAt);
      for (const { attempt, resolve, reject } of group.release()) {
        const timeoutMs = Math.max(1, attempt.timeoutMs - tookMs);
        client.send({ ...attempt, timeoutMs }).then(resolve, reject);
      }
    } catch (error) {
      group.fail(error);
    }
  }
}

/** A failure that no hop has told: what stands between may fail with every group. 503 asks for fewer messages, not more. */
function isOfProxy({ status, header }: HttpResponse): boolean {
  return status >= 500 && status !== 503 && header('content-type') !== 'application/problem+json';
}

/** Bounds the groups by their number of entries and the size of their bodies. */
function split(attempts: readonly QueuedAttempt[]): QueuedAttempt[][] {
  const groups: QueuedAttempt[][] = [];
  let bytes = 0;
  for (const queued of attempts) {
    const size = Buffer.byteLength(queued.attempt.body);
    const last = groups.at(-1);
    if (last === undefined || last.length >= maxEntries || bytes + size > maxBodiesBytes) {
      groups.push([queued]);
      bytes = size;
    } else {
      last.push(queued);
      bytes += size;
    }
  }
  return groups;
}

/** The message: what every hop proves of a request, over the whole group. */
function toMessage(
  attempts: readonly QueuedAttempt[],
  keys: Pick<ChainKeys, 'signing'>,
): Pick<HttpRequest, 'method' | 'url' | 'body' | 'headers'> {
  const { url, groupKey: release } = (attempts[0] as QueuedAttempt).attempt;
  const body = writeGroup(attempts.map(({ attempt }) => attempt));
  const claim: Claim = {
    parent: '',
    part: groupPart,
    count: readCount(url) ?? '',
    retrying: '',
    digest: toDigest(body),
  };
  return {
    method: 'POST',
    url,
    body,
    headers: {
      'Content-Type': groupType,
      'Content-Digest': claim.digest,
      'Chain-Part': groupPart,
      'Chain-Proof': proveClaim(keys.signing(), claim),
      ...(release === '' ? {} : { 'X-Release': release }),
    },
  };
}

interface Group {
  /** Reads answers as they come. */
  read(bytes: Buffer): void;
  /** Rejects those that are still without an answer. */
  fail(error: unknown): void;
  /** Those that are still without an answer; they are no part of the group any more. */
  release(): QueuedAttempt[];
}

/** The attempts of one message; `leave` is called when none waits for it any more. */
function createGroup(attempts: readonly QueuedAttempt[], leave: () => void): Group {
  const open = new Map<number, { queued: QueuedAttempt; end: () => void }>();
  let rest: Buffer = Buffer.alloc(0);
  let isBroken = false;
  let answered = 0;

  attempts.forEach((queued, index) => {
    const { timeoutMs, signal } = queued.attempt;
    const timer = setTimeout(
      () => give(index, new AttemptTimeoutError(`No answer within ${timeoutMs} ms.`)),
      timeoutMs,
    );
    const abort = () => give(index, toUnreachable({ message: 'canceled' }));
    signal?.addEventListener('abort', abort, { once: true });
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      open.delete(index);
    };
    open.set(index, { queued, end });
  });

  return {
    read(bytes) {
      if (isBroken) return;
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        const answer = parseEntryAnswer(rest.toString('utf8', 0, end));
        rest = rest.subarray(end + 1);
        // No answers of a group: what it is, its status and type say.
        if (answer === undefined) isBroken = true;
        else give(answer.index, toResult(answer));
      }
    },
    fail(error) {
      const [first, ...others] = takeAll();
      first?.reject(error);
      for (const { reject } of others) reject(toDuplicate(error));
    },
    release: takeAll,
  };

  function give(index: number, result: HttpResponse | Error): void {
    const waiting = open.get(index);
    if (waiting === undefined) return;
    waiting.end();
    if (result instanceof Error) waiting.queued.reject(result);
    else waiting.queued.resolve(result);
    if (!(result instanceof Error)) answered += 1;
    if (open.size === 0 && answered < attempts.length) leave();
  }

  function takeAll(): QueuedAttempt[] {
    const left = [...open.values()];
    for (const { end } of left) end();
    return left.map(({ queued }) => queued);
  }
}

function toResult({ answer }: EntryAnswer): HttpResponse | Error {
  if (answer === undefined) return toUnreachable({ code: 'ECONNRESET' });
  const { status, headers, text } = answer;
  return { status, header: (name) => headers[name], text };
}

/** The same error for a further attempt of the message. */
function toDuplicate(error: unknown): unknown {
  if (!(error instanceof NeighbourError)) return error;
  const { code, message, status, retryAfterMs } = error;
  return new NeighbourError(code, message, { status, retryAfterMs, cause: error, isDuplicate: true });
}
