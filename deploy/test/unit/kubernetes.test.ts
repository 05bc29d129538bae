/**
 * deploy/kubernetes, as far as it can be judged without a cluster: every object is legal by Kubernetes' own types, and
 * all of them belong together. The overlays are in kustomizations.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serviceNames } from '../../../chain.ts';
import {
  type Container,
  crossCheck,
  type Deployment,
  secrets,
  toEnvironment,
} from '../support/cross-check.ts';
import { createValidate, type Manifest } from '../support/kubernetes-schema.ts';
import { read, readBase } from '../support/kustomization.ts';
import { ofKind } from '../support/manifests.ts';
import { findEdges } from '../support/network-edges.ts';

const validate = createValidate();
const base = readBase();
const deployments = ofKind<Deployment>(base, 'Deployment');

describe('the base', () => {
  it.each(base.map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const))(
    'has a legal %s %s',
    (_kind, _name, manifest) => expect(validate(manifest)).toEqual([]),
  );

  it('belongs together: selectors, ports, names and settings', () => {
    expect(crossCheck(base)).toEqual([]);
  });

  it('has a Deployment for each service; they differ in their names and in who is next', () => {
    const [front, ...others] = deployments.map(withoutNames);
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(serviceNames);
    for (const other of others) expect(other).toEqual(front);
  });

  it('gives every service a budget, an autoscaler, and a name to be found by', () => {
    const names = (kind: string) => ofKind(base, kind).map(({ metadata }) => metadata.name);
    expect(names('PodDisruptionBudget')).toEqual(serviceNames);
    expect(names('HorizontalPodAutoscaler')).toEqual(serviceNames);
    const [front, ...others] = serviceNames;
    expect(names('Service')).toEqual([front, ...others.map((name) => `${name}-headless`)]);
  });

  it.each(deployments.map((deployment) => [deployment.metadata.name, deployment] as const))(
    'waits long enough for %s to leave by itself',
    (_name, deployment) => {
      const { DRAIN_MS, REQUEST_TIMEOUT_MS } = toEnvironment(base, deployment);
      // unready → the requests under way, at most their time and a second → the relay's turns under way
      const leavingMs = Number(DRAIN_MS) + Number(REQUEST_TIMEOUT_MS) + 1000 + Number(REQUEST_TIMEOUT_MS);
      const { terminationGracePeriodSeconds } = deployment.spec.template.spec;
      expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(leavingMs);
    },
  );

  it('asks for liveness where nobody else is asked, and for readiness where the database is', () => {
    for (const { spec } of deployments) {
      const [container] = spec.template.spec.containers;
      expect(container?.startupProbe?.httpGet).toEqual({ path: '/livez', port: 'http' });
      expect(container?.livenessProbe?.httpGet).toEqual({ path: '/livez', port: 'http' });
      expect(container?.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'http' });
    }
  });

  it('lets through what the chain needs, and nothing else', () => {
    const words = findEdges(base).flatMap((edge) => edge.words.map((line) => `${edge.direction} ${line}`));
    expect(words.sort()).toEqual([
      'Egress all → * TCP 27017',
      'Egress all → [kube-system] TCP 53',
      'Egress all → [kube-system] UDP 53',
      'Egress order → payment TCP 3000',
      'Egress payment → shipment TCP 3000',
      'Ingress [ingress-nginx] → order TCP 3000',
      'Ingress [monitoring] → all TCP 3000',
      'Ingress order → payment TCP 3000',
      'Ingress payment → shipment TCP 3000',
    ]);
    const deny = ofKind(base, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'deny-all');
    expect(deny).toHaveProperty('spec', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });
});

describe('a container', () => {
  const sidecar = parse(read('components/ambassador/order.yaml')).spec.template.spec.initContainers[0];
  const all: [string, Container][] = [
    ...deployments
      .flatMap(({ spec }) => spec.template.spec.containers)
      .map((one): [string, Container] => [one.name, one]),
    ['ambassador', sidecar],
  ];

  it.each(all)('of %s can do nothing but its work', (_name, { securityContext, resources }) => {
    expect(securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(resources?.requests).toHaveProperty('cpu');
    expect(resources?.limits).toHaveProperty('memory');
    expect(resources?.limits).not.toHaveProperty('cpu');
  });

  it('is not root, and has no way to the API server', () => {
    for (const { spec } of deployments) {
      expect(spec.template.spec).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      });
    }
    expect(sidecar.securityContext.runAsUser).toBeGreaterThan(0);
  });
});

describe('the checks', () => {
  const broken = (change: (text: string) => string): Manifest[] => JSON.parse(change(JSON.stringify(base)));

  it.each([
    ['a misspelt probe', '"readinessProbe"', '"readinesProbe"'],
    ['text where a number belongs', '"minReadySeconds":15', '"minReadySeconds":"15"'],
    ['a quantity that is none', '"640Mi"', '"640 MB"'],
    ['a protocol that does not exist', '"UDP"', '"UPD"'],
  ])('would find %s in the form', (_what, from, to) => {
    expect(broken((text) => text.replaceAll(from, to)).flatMap((manifest) => validate(manifest))).not.toEqual(
      [],
    );
  });

  it.each([
    [
      'a Service that selects nobody',
      '"selector":{"app.kubernetes.io/name":"payment"}',
      '"selector":{"app.kubernetes.io/name":"paymnt"}',
    ],
    [
      'a ConfigMap that nobody made',
      '"configMapRef":{"name":"holdfast-settings"}',
      '"configMapRef":{"name":"settings"}',
    ],
    ['a Secret that nobody is told of', '"name":"holdfast-mongo"', '"name":"mongo"'],
    ['a setting that does not exist', '"name":"NEXT_NAME"', '"name":"NEXTNAME"'],
    ['a value that is not legal', '"DRAIN_MS":"15000"', '"DRAIN_MS":"15s"'],
    ['a neighbour that is not there', 'payment-headless.holdfast', 'payment.holdfast'],
    ['a port that nobody listens on', 'cluster.local:3000', 'cluster.local:80'],
    ['a probe of a port without a name', '"path":"/livez","port":"http"', '"path":"/livez","port":"web"'],
    [
      'an autoscaler of nothing',
      '"kind":"Deployment","name":"order"}',
      '"kind":"Deployment","name":"orders"}',
    ],
  ])('would find %s', (_what, from, to) => {
    expect(crossCheck(broken((text) => text.replaceAll(from, to)))).not.toEqual([]);
  });
});

describe('the README', () => {
  it.each(Object.entries(secrets))('says how to create the Secret %s', (name, keys) => {
    const text = read('README.md');
    expect(text).toContain(`create secret generic ${name}`);
    for (const key of keys) expect(text).toContain(`--from-literal=${key}=`);
  });
});

/** A Deployment with every name of its own replaced, and without the two settings that say who is next. */
function withoutNames(deployment: Deployment): unknown {
  const { name } = deployment.metadata;
  const text = JSON.stringify(deployment, (key, value) =>
    key === 'env'
      ? value.filter(({ name: key }: { name: string }) => !['CHAIN_SVC', 'NEXT_NAME'].includes(key))
      : value,
  );
  return JSON.parse(
    text.replaceAll(`"${name}"`, '"NAME"').replaceAll(`"${name}/src/main.ts"`, '"NAME/src/main.ts"'),
  );
}
