/** The programs that tests need beside npm's packages: how each is found, and which packages contain it. */
import { environmentWith } from '@holdfast/shared/core/config.ts';
import { findInPath, findProxy } from '../../lab/proxies/find-program.ts';
import { findBrowser } from './find-browser.ts';

/** The package managers; the first that exists is used. */
export const managers = {
  'apt-get': ['install', '--yes', '--no-install-recommends'],
  dnf: ['install', '--assumeyes'],
  apk: ['add'],
  brew: ['install'],
} as const;

/** A package manager by the name of its command. */
export type Manager = keyof typeof managers;

/** A program. */
export interface Program {
  /** @throws {Error} when it is missing. */
  readonly find: () => unknown;
  readonly packages: Readonly<Partial<Record<Manager, string>>>;
  /** What to do where no package manager has it. */
  readonly otherwise: string;
  /** Whether `npm test` installs it where that needs no confirmation, and fails without it where CI=true. */
  readonly isRequired: boolean;
}

const everywhere = (name: string) => ({ 'apt-get': name, dnf: name, apk: name, brew: name });

/** The programs by name. Those that are not required only check files that no other test runs. */
export const programs = {
  chromium: {
    find: () => findBrowser(),
    packages: { ...everywhere('chromium'), brew: 'google-chrome' },
    otherwise: 'install Chromium, Chrome or Edge, or name one with CHROMIUM=/path/to/chrome',
    isRequired: true,
  },
  haproxy: {
    find: () => findProxy('haproxy'),
    packages: everywhere('haproxy'),
    otherwise: 'install HAProxy, or name it with HAPROXY=/path/to/haproxy',
    isRequired: true,
  },
  nginx: {
    find: () => findProxy('nginx'),
    packages: everywhere('nginx'),
    otherwise: 'install nginx, or name it with NGINX=/path/to/nginx',
    isRequired: true,
  },
  /** The one of Linux; that of other systems has other options. */
  script: {
    find: () => (process.platform === 'linux' ? find('script') : missing('script')),
    packages: { 'apt-get': 'bsdutils', dnf: 'util-linux-script', apk: 'util-linux-misc' },
    otherwise: 'it is a part of Linux',
    isRequired: process.platform === 'linux',
  },
  kubectl: {
    find: () => find('kubectl'),
    // Debian's is too old for components.
    packages: { apk: 'kubectl', brew: 'kubectl' },
    otherwise: 'see https://kubernetes.io/docs/tasks/tools',
    isRequired: false,
  },
  'docker-compose': {
    find: () => find('docker-compose'),
    packages: everywhere('docker-compose'),
    otherwise: 'see https://docs.docker.com/compose/install',
    isRequired: false,
  },
} satisfies Record<string, Program>;

/** The name of a program that tests may need. */
export type ProgramName = keyof typeof programs;

/** Those of some programs that this machine lacks. */
export async function findMissing(names: readonly ProgramName[]): Promise<ProgramName[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      try {
        await programs[name].find();
        return true;
      } catch {
        return false;
      }
    }),
  );
  return names.filter((_name, index) => !found[index]);
}

/** The package manager of this machine. */
export function findManager(env: NodeJS.ProcessEnv = environmentWith({})): Manager | undefined {
  return (Object.keys(managers) as Manager[]).find((name) => findInPath([name], env) !== undefined);
}

/** The command that installs some programs, or advice where there is none. */
export function toAdvice(names: readonly ProgramName[], manager: Manager | undefined): string {
  const packages = names.map((name) => toPackage(name, manager));
  if (manager === undefined || packages.includes(undefined)) {
    return names.map((name) => programs[name].otherwise).join('; ');
  }
  const asRoot = manager === 'brew' || process.getuid?.() === 0 ? '' : 'sudo ';
  return `${asRoot}${manager} ${managers[manager].join(' ')} ${packages.join(' ')}`;
}

/** The package that contains a program. */
export function toPackage(name: ProgramName, manager: Manager | undefined): string | undefined {
  const { packages }: Program = programs[name];
  return manager === undefined ? undefined : packages[manager];
}

function find(name: string): string {
  return findInPath([name], environmentWith({})) ?? missing(name);
}

function missing(name: string): never {
  throw new Error(`${name} is missing.`);
}
