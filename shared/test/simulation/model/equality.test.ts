/** The model does what the real parts do, over thousands of random histories. */
import { it } from 'vitest';
import { equalities } from './equalities.ts';

it.each(equalities)('%s', (_title, check) => check(2000));
