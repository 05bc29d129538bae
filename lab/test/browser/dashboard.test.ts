/**
 * The dashboard in a real Chromium, on a real chain. One browser and one chain serve all of it, because starting them
 * takes longer than most tests; each test begins with a chain at rest and a page of its own.
 */
import { describe } from 'vitest';
import { needing } from '../support/needing.ts';
import { accessibility, hostile } from './accessibility.ts';
import { away } from './away.ts';
import { breakAndHeal } from './break-and-heal.ts';
import { compare } from './compare.ts';
import { keyboard } from './keyboard.ts';
import { laboratory } from './laboratory.ts';
import { story } from './story.ts';
import { useLabChain } from './support/lab-chain.ts';
import { useBrowser } from './support/visit.ts';

const needs = await needing('chromium');
const place = { visit: useBrowser(), lab: useLabChain({ UNDELIVERABLE: hostile }) };

describe('breaking and healing', needs, () => breakAndHeal(place));
describe('the story of an order', needs, () => story(place));
describe('without a mouse', needs, () => keyboard(place));
describe('for everybody', needs, () => accessibility(place));
describe('with and without', needs, () => compare(place));
describe('the laboratory', needs, () => laboratory(place));
describe('what is not known', needs, () => away(place));
