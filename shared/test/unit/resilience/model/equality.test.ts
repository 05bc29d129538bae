/** The model does what the real parts do, over a hundred random histories; the simulations have thousands. */
import { it } from 'vitest';
import { equalities } from '../../../simulation/model/equalities.ts';

it.each(equalities)('%s', (_title, check) => check(100));
