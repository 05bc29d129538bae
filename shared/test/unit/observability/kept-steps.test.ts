/** Which steps of documents are remembered. */
import { describe, expect, it } from 'vitest';
import { createKeptSteps, type StepFacts } from '../../../src/observability/kept-steps.ts';

const smooth = (id: string): StepFacts => ({ id, parent: null, status: 'completed', by: 'request' });
const pending = (id: string): StepFacts => ({ id, parent: null, status: 'pending', by: 'request' });
const relayed = (id: string): StepFacts => ({ id, parent: null, status: 'completed', by: 'relay' });

describe('kept steps', () => {
  it('are found by the id of their document, in the sequence in which they came', () => {
    const kept = createKeptSteps<string>({ smooth: 5, eventful: 5 });
    kept.add(smooth('a'), 'first');
    kept.add(pending('b'), 'other');
    kept.add(pending('a'), 'second');
    kept.add(smooth('a'), 'third');
    expect([kept.of('a'), kept.of('b'), kept.of('c')]).toEqual([['first', 'second', 'third'], ['other'], []]);
  });

  it('are found by the document that theirs is a part of', () => {
    const kept = createKeptSteps<string>({ smooth: 5, eventful: 5 });
    kept.add({ ...pending('part'), parent: 'whole' }, 'step');
    expect([kept.ofPartsOf('whole'), kept.ofPartsOf('part')]).toEqual([['step'], []]);
  });

  it('of documents that had trouble are not pushed out by those that had none', () => {
    const kept = createKeptSteps<string>({ smooth: 10, eventful: 10 });
    kept.add(pending('late'), 'kept');
    kept.add(relayed('late'), 'done');
    kept.add(smooth('old'), 'gone');
    for (let number = 0; number < 10; number += 1) kept.add(smooth(`ok-${number}`), 'ok');
    expect([kept.of('late'), kept.of('old'), kept.of('ok-0')]).toEqual([['kept', 'done'], [], ['ok']]);
  });
});
