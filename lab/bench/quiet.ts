/**
 * Builds events and metrics out of a service: a module for `node --import`, for the benchmark only.
 *
 * What they cost is the difference between two arms of one run: the chain, and the same commit with `silence.ts` in the
 * place of these modules.
 */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

const silence = new URL('silence.ts', import.meta.url).href;
const silenced = [
  'observability/document-steps.ts',
  'observability/measure-requests.ts',
  'observability/request-meter.ts',
  'observability/scope.ts',
  'observability/trace-work.ts',
  'resilience/event-bus.ts',
].map((path) => new URL(`../../shared/src/${path}`, import.meta.url));

const gone = silenced.filter((module) => !existsSync(module));
if (gone.length > 0)
  throw new Error(`There is nothing to silence at ${gone.map(({ pathname }) => pathname)}.`);

const places = new Set(silenced.map(({ href }) => href));
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const isMeant = places.has(resolved.url) && context.parentURL !== silence;
    return isMeant ? { ...resolved, url: silence } : resolved;
  },
});
