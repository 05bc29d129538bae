/**
 * Finding one's way among the objects of a deployment.
 */
import type { Manifest } from './kubernetes-schema.ts';

/** Labels, or any other map of texts. */
export type Labels = Readonly<Record<string, string>>;

/** The objects of one kind. */
export function ofKind<M extends Manifest = Manifest>(all: readonly Manifest[], kind: string): M[] {
  return all.filter((manifest) => manifest.kind === kind) as M[];
}
