/**
 * The overlays of deploy/kubernetes: they name what exists and change what is there. Where kubectl is installed, what it
 * builds of them is judged like the base; where HAProxy is, it reads its own configuration.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findProxy } from '../../../lab/proxies/find-program.ts';
import { needing } from '../../../lab/test/support/needing.ts';
import { crossCheck, type Deployment, toEnvironment } from '../support/cross-check.ts';
import { createValidate, type Manifest } from '../support/kubernetes-schema.ts';
import {
  build,
  listFiles,
  read,
  readBase,
  readKustomizations,
  readManifests,
  root,
} from '../support/kustomization.ts';
import { ofKind } from '../support/manifests.ts';

const needsHaproxy = await needing('haproxy');
const validate = createValidate();
const base = readBase();
const deployments = ofKind<Deployment>(base, 'Deployment');
const kustomizations = readKustomizations();

describe('every kustomization', () => {
  it('names files and folders that exist, and together they name every file', () => {
    const named = kustomizations.flatMap(({ folder, ...parts }) => [
      join(folder, 'kustomization.yaml'),
      ...[...(parts.resources ?? []), ...(parts.components ?? [])].map((path) =>
        join(folder, path.endsWith('.yaml') ? path : `${path}/kustomization.yaml`),
      ),
      ...(parts.patches ?? []).flatMap(({ path }) => (path === undefined ? [] : [join(folder, path)])),
      ...(parts.configMapGenerator ?? []).flatMap(({ files = [] }) =>
        files.map((file) => join(folder, file)),
      ),
    ]);
    expect([...new Set(named)].sort()).toEqual(listFiles('.'));
  });

  it('changes only what the base has', () => {
    const has = (kind: string, name?: string) =>
      base.some(
        (manifest) => manifest.kind === kind && (name === undefined || manifest.metadata.name === name),
      );
    const images = deployments.flatMap(({ spec }) => spec.template.spec.containers.map(({ image }) => image));
    for (const {
      folder,
      patches = [],
      images: renamed = [],
      replicas = [],
      configMapGenerator = [],
    } of kustomizations) {
      for (const { path, patch, target } of patches) {
        if (target?.kind !== undefined)
          expect(has(target.kind, target.name), `${folder} ${target.kind}`).toBe(true);
        else
          expect(has('Deployment', parse(patch ?? read(join(folder, path ?? ''))).metadata.name)).toBe(true);
      }
      for (const { name } of renamed) expect(images).toContain(`${name}:0.1.0`);
      for (const { name } of replicas) expect(has('Deployment', name)).toBe(true);
      for (const { name, behavior } of configMapGenerator)
        if (behavior === 'merge') expect(has('ConfigMap', name)).toBe(true);
    }
  });

  it('has patches in the form of the objects that they change', () => {
    const partial = createValidate({ partial: true });
    const [patch] = readManifests('components/ambassador/order.yaml');
    expect(partial(patch as Manifest)).toEqual([]);
  });

  it('keeps the controls of the lab closed, but in the demo, where they need a token', () => {
    const labs = kustomizations.flatMap(({ folder, configMapGenerator = [] }) =>
      configMapGenerator.flatMap(({ literals = [] }) =>
        literals.filter((literal) => literal.startsWith('LAB=')).map((literal) => `${folder} ${literal}`),
      ),
    );
    expect(labs).toEqual(['base LAB=0', 'overlays/demo LAB=1']);
    expect(read('overlays/demo/small-and-open.yaml')).toContain('name: LAB_TOKEN');
  });
});

describe('as kubectl builds it, the overlay', await needing('kubectl'), () => {
  it.each(['demo', 'production', 'ambassador'])(
    '%s is legal, and belongs together',
    (overlay) => {
      const all = build(overlay);
      expect(all.flatMap((manifest) => validate(manifest))).toEqual([]);
      expect(crossCheck(all)).toEqual([]);
      for (const { metadata } of all) {
        if (metadata.name !== 'holdfast') expect(metadata).toHaveProperty('namespace', 'holdfast');
      }
      const labs = ofKind<Deployment>(all, 'Deployment').map(
        (deployment) => toEnvironment(all, deployment).LAB,
      );
      expect(labs).toEqual(Array(3).fill(overlay === 'demo' ? '1' : '0'));
    },
    30_000,
  );

  it('ambassador puts HAProxy between order and payment, and before nobody else', () => {
    const all = build('ambassador');
    const [order, payment] = ofKind<Deployment>(all, 'Deployment') as [Deployment, Deployment];
    expect(toEnvironment(all, order)).toMatchObject({
      CHAIN_SVC: 'http://127.0.0.1:3080/create',
      NEXT_NAME: 'payment',
    });
    expect(order.spec.template.spec.initContainers?.map(({ name }) => name)).toEqual(['ambassador']);
    expect(payment.spec.template.spec).not.toHaveProperty('initContainers');
  }, 30_000);
});

describe("the ambassador's configuration", () => {
  const config = read('components/ambassador/haproxy.cfg');

  it('listens where order calls and where the kubelet probes', () => {
    expect(config).toContain('bind 127.0.0.1:3080\n');
    expect(read('components/ambassador/order.yaml')).toContain('http://127.0.0.1:3080/create');
    expect(config).toContain('bind :3081\n  monitor-uri /livez\n');
  });

  it('has a place for every Pod that the autoscaler may start', () => {
    const [, places, host] = /server-template payment (\d+) ([^:\s]+):3000/.exec(config) ?? [];
    const most = /maxReplicas, value: (\d+)/.exec(read('overlays/production/kustomization.yaml'))?.[1];
    expect(Number(places)).toBe(Number(most));
    expect(`${host}`).toBe('payment-headless.holdfast.svc.cluster.local');
  });

  it('is legal by HAProxy itself', needsHaproxy, () => {
    execFileSync(findProxy('haproxy'), ['-c', '-f', join(root, 'components/ambassador/haproxy.cfg')], {
      stdio: 'ignore',
    });
  });
});
