/**
 * Failures that are asked for. Today there is one, the original chain's `INJECT_ERR`: 40 % of the requests are
 * answered 502 after the document was saved, repeats included.
 */
import { InjectedError } from './errors.ts';

/** Failures at the points where a hop can be made to fail. */
export interface Faults {
  /** @throws {InjectedError} when this request is to fail after its document was saved. */
  afterSave(): void;
}

const injectedRatio = 0.4;

/** Creates the faults of one service; `random` gives numbers from 0 to 1, 1 excluded. */
export function createFaults(settings: { INJECT_ERR: boolean }, random: () => number = Math.random): Faults {
  return {
    afterSave() {
      if (settings.INJECT_ERR && random() < injectedRatio) {
        throw new InjectedError(
          'INJECT_ERR=1 fails 40 % of the requests after they were saved. This was one of them.',
        );
      }
    },
  };
}
