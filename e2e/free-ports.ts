/** Finds ports for a whole chain. */
import { chain, portOf } from '../chain.ts';
import { findLane } from '../lab/processes/ports.ts';

/** The offsets that a chain and its extensions use; +3 and +4 are for longer chains, +20 is for a second instance. */
const offsets = [...chain.map((service) => portOf(service, 0)), 3, 4, 10, 17, 20];

/** Finds a PORT_BASE with every port of a chain free. */
export function findPortBase(): Promise<number> {
  return findLane(offsets);
}
