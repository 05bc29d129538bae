/**
 * The sixteen lines of the conformance matrix: what the adapter promises, and how to see whether a breaker does it.
 *
 * A case answers whether the line holds and, in one phrase, what really happened. Time is vitest's fake clock.
 */
import { vi } from 'vitest';
import {
  createWork,
  ended,
  fail,
  halfOpen,
  opened,
  repeat,
  settle,
  succeed,
  take,
  untilPassed,
} from './steps.ts';
import { IgnoredError, type Subject, type SubjectOptions } from './subject.ts';

/** What a case saw. */
export interface Observation {
  readonly holds: boolean;
  readonly saw: string;
}

/** One line of the matrix. */
export interface ConformanceCase {
  readonly line: number;
  readonly promise: string;
  observe(create: (options: SubjectOptions) => Subject): Promise<Observation>;
}

/** All lines, in order. */
export const cases: readonly ConformanceCase[] = [
  {
    line: 1,
    promise: 'By default it opens after 5 calls at the earliest',
    async observe(create) {
      const subject = create({});
      let failures = 0;
      for (; subject.state() === 'closed'; failures += 1) await subject.run(fail).catch(ended);
      return { holds: failures >= 5, saw: `opens at failure ${failures} of ${failures}` };
    },
  },
  {
    line: 2,
    promise: 'It opens strictly above its threshold, not at it',
    async observe(create) {
      const subject = create({ minCalls: 10 });
      await repeat(5, () => subject.run(succeed));
      await repeat(5, () => subject.run(fail));
      const at = subject.state();
      await repeat(1, () => subject.run(fail));
      return {
        holds: at === 'closed' && subject.state() === 'open',
        saw: `${at} at 5 of 10, ${subject.state()} at 6 of 11`,
      };
    },
  },
  {
    line: 3,
    promise: 'Rejected calls are not in the share of failures',
    async observe(create) {
      const subject = await opened(create, { minCalls: 1 }, 1);
      await repeat(9, () => subject.run(fail));
      const ratio = subject.ratio();
      return { holds: ratio === 1, saw: `1 failure and 9 rejections read ${Math.round(ratio * 100)} %` };
    },
  },
  {
    line: 4,
    promise: 'Only the probe decides; outcomes of calls from before do not',
    async observe(create) {
      const subject = create({ minCalls: 5, openMs: 1_000 });
      const [oldSuccess, oldFailure] = [createWork(), createWork()];
      void subject.run(oldSuccess.work);
      void subject.run(oldFailure.work).catch(ended);
      await repeat(10, () => subject.run(fail));
      await halfOpen(subject, 1_000);
      oldSuccess.resolve();
      await settle();
      const afterSuccess = subject.state();
      oldFailure.reject(new Error('late'));
      await settle();
      const saw = `after an old success ${afterSuccess}, after an old failure ${subject.state()}`;
      return { holds: afterSuccess === 'half_open' && subject.state() === 'half_open', saw };
    },
  },
  {
    line: 5,
    promise: 'An ignored outcome of a probe decides nothing and lets the next call probe',
    async observe(create) {
      const subject = await opened(create, { minCalls: 5, openMs: 1_000 });
      const probe = await halfOpen(subject, 1_000);
      probe.reject(new IgnoredError('the caller left'));
      await settle();
      const after = subject.state();
      const next = createWork();
      void subject.run(next.work).catch(ended);
      await settle();
      const saw = `${after} after an ignored probe, the next call ${next.begun() ? 'passes' : 'is rejected'}`;
      return { holds: after === 'half_open' && next.begun(), saw };
    },
  },
  {
    line: 6,
    promise: 'A good probe clears the window: one failure after it does not open again',
    async observe(create) {
      const subject = await opened(create, { minCalls: 5, openMs: 1_000 });
      await vi.advanceTimersByTimeAsync(1_000);
      await subject.run(succeed);
      const closed = subject.state();
      await repeat(1, () => subject.run(fail));
      return { holds: subject.state() === 'closed', saw: `${closed}, then one failure: ${subject.state()}` };
    },
  },
  {
    line: 7,
    promise: 'Calls without a free slot do not count against the neighbour',
    async observe(create) {
      const subject = create({ minCalls: 5, capacity: 1 });
      const calls = Array.from({ length: 10 }, () => subject.run(take(10)).catch(ended));
      await vi.advanceTimersByTimeAsync(10);
      await Promise.all(calls);
      const saw = `10 calls at once on a healthy neighbour with 1 slot: ${subject.state()}`;
      return { holds: subject.state() === 'closed', saw };
    },
  },
  {
    line: 8,
    promise: 'A slot is held until its work has ended, timeout or not',
    async observe(create) {
      const subject = create({ minCalls: 100, capacity: 2, timeoutMs: 100 });
      const works = Array.from({ length: 10 }, createWork);
      for (const { work } of works) {
        void subject.run(work).catch(ended);
        await vi.advanceTimersByTimeAsync(100);
      }
      const running = works.filter((work) => work.begun()).length;
      return { holds: running === 2, saw: `2 slots let ${running} calls run at once` };
    },
  },
  {
    line: 9,
    promise: 'A timeout aborts its own call only',
    async observe(create) {
      const subject = create({ minCalls: 100, timeoutMs: 100 });
      const [first, sibling, next] = [createWork(), createWork(), createWork()];
      void subject.run(first.work).catch(ended);
      await vi.advanceTimersByTimeAsync(50);
      void subject.run(sibling.work).catch(ended);
      await vi.advanceTimersByTimeAsync(50);
      void subject.run(next.work).catch(ended);
      const aborted = Object.entries({ own: first, sibling, next }).filter(([, work]) => work.aborted());
      const saw = `aborts: ${aborted.map(([name]) => name).join(', ')}`;
      return { holds: saw === 'aborts: own', saw };
    },
  },
  {
    line: 10,
    promise: 'A probe that never ends does not keep it half-open',
    async observe(create) {
      const subject = await opened(create, { minCalls: 5, openMs: 1_000 });
      await halfOpen(subject, 1_000);
      await vi.advanceTimersByTimeAsync(600_000);
      const next = createWork();
      void subject.run(next.work).catch(ended);
      await settle();
      const saw = `10 min after a hanging probe the next call ${next.begun() ? 'passes' : 'does not pass'}`;
      return { holds: next.begun(), saw };
    },
  },
  {
    line: 11,
    promise: 'A timed-out call is one outcome and one latency',
    async observe(create) {
      const subject = create({ minCalls: 5, timeoutMs: 100 });
      const call = subject.run(createWork().untilAborted).catch(ended);
      await vi.advanceTimersByTimeAsync(100);
      await call;
      const latencies = subject.latencies();
      const saw = `told ${subject.told().join(' + ')}, latencies kept: ${latencies ?? 'none'}`;
      return { holds: subject.told().length === 1 && (latencies === null || latencies === 1), saw };
    },
  },
  {
    line: 12,
    promise: 'It says when it opened, why, and when it will probe',
    async observe(create) {
      const subject = create({ minCalls: 5, openMs: 1_000 });
      await vi.advanceTimersByTimeAsync(3_000);
      await repeat(5, () => subject.run(fail));
      const { openedAt, probeAt, because } = subject.opening();
      const openedError = openedAt === null ? null : Date.now() - openedAt;
      const saw = [
        openedError === 0 ? 'openedAt right' : `openedAt wrong by ${openedError} ms`,
        probeAt === Date.now() + 1_000 ? 'probeAt right' : 'no probeAt',
        because ?? 'no cause',
      ].join(', ');
      return { holds: saw === 'openedAt right, probeAt right, 5/5 > 0.5', saw };
    },
  },
  {
    line: 13,
    promise: 'Forced open stays open until its own expiry; disabled still counts outcomes',
    async observe(create) {
      const subject = create({ minCalls: 5, openMs: 1_000 });
      subject.holdOpen(5_000);
      await vi.advanceTimersByTimeAsync(4_999);
      const held = subject.state();
      await vi.advanceTimersByTimeAsync(1);
      const after = subject.state();
      const told = subject.told().length;
      subject.disable?.();
      await repeat(1, () => subject.run(fail));
      const counted = subject.disable
        ? `disabled tells ${subject.told().length - told} of 1`
        : 'cannot be disabled';
      const saw = `held 5 s: ${held} before, ${after} after, ${counted}`;
      return { holds: saw === 'held 5 s: forced_open before, closed after, disabled tells 1 of 1', saw };
    },
  },
  {
    line: 14,
    promise: 'Every setting can change while it runs, and it says which did',
    async observe(create) {
      const subject = create({ minCalls: 5 });
      await repeat(1, () => subject.run(fail));
      const said = subject.setMinCalls?.(2) ?? 'nothing';
      await repeat(2, () => subject.run(fail));
      const saw = `minCalls 5 → 2, then 2 failures: ${subject.state()}; says ${said}`;
      return { holds: subject.state() === 'open' && said !== 'nothing', saw };
    },
  },
  {
    line: 15,
    promise: 'The open period grows with every failed probe; several good probes can be asked for',
    async observe(create) {
      const options = { minCalls: 5, openMs: 1_000, openFactor: 2, probeSuccesses: 2 };
      const subject = await opened(create, options);
      const periods = [];
      for (let probes = 0; probes < 3; probes += 1) periods.push(await untilPassed(subject, fail));
      await untilPassed(subject, succeed);
      const afterOne = subject.state();
      await repeat(1, () => subject.run(succeed));
      const saw = `open for ${periods.join(', ')} ms; of 2 good probes: ${afterOne}, ${subject.state()}`;
      return { holds: saw === 'open for 1000, 2000, 4000 ms; of 2 good probes: half_open, closed', saw };
    },
  },
  {
    line: 16,
    promise: 'The options that it is given stay as they are',
    async observe(create) {
      const { before, after } = create({ minCalls: 5, openMs: 1_000 }).options();
      const isSame = Object.keys(before).join() === Object.keys(after).join();
      return { holds: isSame, saw: isSame ? 'unchanged' : 'writes its defaults into them' };
    },
  },
];
