/** The steps that the conformance cases are made of. Time is vitest's fake clock. */
import { vi } from 'vitest';
import type { Subject, SubjectOptions, Work } from './subject.ts';

/** Fails at once. */
export const fail: Work = async () => {
  throw new Error('broken');
};

/** Succeeds at once. */
export const succeed: Work = async () => 'fine';

/** Succeeds after a time. */
export const take =
  (ms: number): Work =>
  () =>
    new Promise((resolve) => setTimeout(resolve, ms));

/** Takes the end of a call: rejections are part of every case, what they mean is read from the subject. */
export function ended(): void {}

/** Makes calls one after the other. */
export async function repeat(times: number, call: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < times; done += 1) await call().catch(ended);
}

/** Lets everything happen that is due now. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Creates a subject and lets it see so many failures. */
export async function opened(
  create: (options: SubjectOptions) => Subject,
  options: SubjectOptions,
  failures = 5,
): Promise<Subject> {
  const subject = create(options);
  await repeat(failures, () => subject.run(fail));
  return subject;
}

/** Waits out the open period and sends a probe that hangs. */
export async function halfOpen(subject: Subject, openMs: number) {
  await vi.advanceTimersByTimeAsync(openMs);
  const probe = createWork();
  void subject.run(probe.work).catch(ended);
  await settle();
  return probe;
}

/** Tries every 100 ms until a call passes; answers how long that took. */
export async function untilPassed(subject: Subject, work: Work): Promise<number> {
  const since = Date.now();
  for (let passed = false; !passed; ) {
    await vi.advanceTimersByTimeAsync(100);
    await repeat(1, () =>
      subject.run((signal) => {
        passed = true;
        return work(signal);
      }),
    );
  }
  return Date.now() - since;
}

/** Creates work that ends by hand. */
export function createWork() {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  let seen: AbortSignal | undefined;
  const work: Work = (signal) => {
    seen = signal;
    return promise;
  };
  const untilAborted: Work = (signal) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    return promise;
  };
  return {
    work,
    untilAborted,
    resolve: () => resolve('late'),
    reject,
    begun: () => seen !== undefined,
    aborted: () => seen?.aborted === true,
  };
}
