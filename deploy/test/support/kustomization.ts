/**
 * Reads deploy/kubernetes: the files as they are, and, where kubectl is installed, the overlays as it builds them.
 */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import type { Manifest } from './kubernetes-schema.ts';

/** A kustomization.yaml, as far as this project uses it. */
export interface Kustomization {
  /** Its folder, from deploy/kubernetes. */
  readonly folder: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
  readonly replicas?: readonly { readonly name: string; readonly count: number }[];
  readonly configMapGenerator?: readonly {
    readonly name: string;
    readonly behavior?: string;
    readonly literals?: readonly string[];
    readonly files?: readonly string[];
  }[];
  readonly patches?: readonly {
    readonly path?: string;
    readonly patch?: string;
    readonly target?: { readonly kind?: string; readonly name?: string };
  }[];
}

/** deploy/kubernetes. */
export const root = fileURLToPath(new URL('../../kubernetes/', import.meta.url));

/** Every YAML file below `folder`, from deploy/kubernetes. */
export function listFiles(folder: string): string[] {
  return globSync(join(folder, '**/*.{yaml,cfg}'), { cwd: root }).sort();
}

/** The text of one file. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The objects of one file. */
export function readManifests(path: string): Manifest[] {
  return toManifests(read(path));
}

/** Every kustomization below deploy/kubernetes. */
export function readKustomizations(): Kustomization[] {
  return globSync('**/kustomization.yaml', { cwd: root })
    .sort()
    .map((path) => ({ ...parse(read(path)), folder: dirname(path) }));
}

/** The objects of the base, with the ConfigMaps that kustomize would generate from literals. */
export function readBase(): Manifest[] {
  const base = readKustomizations().find(({ folder }) => folder === 'base');
  if (base === undefined) throw new Error('deploy/kubernetes/base has no kustomization.yaml.');
  const written = (base.resources ?? []).flatMap((path) => readManifests(join('base', path)));
  const made = (base.configMapGenerator ?? []).map(({ name, literals = [] }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: Object.fromEntries(literals.map((literal) => literal.split(/=(.*)/s).slice(0, 2))),
  }));
  return [...written, ...made];
}

/** The objects of an overlay as kubectl builds them. */
export function build(overlay: string): Manifest[] {
  const args = ['kustomize', join(root, 'overlays', overlay)];
  return toManifests(execFileSync('kubectl', args, { encoding: 'utf8' }));
}

function toManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS() as Manifest;
  });
}
