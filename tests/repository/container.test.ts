import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { contextFilter, parseDockerfile } from '../../scripts/container/dockerfile.ts';
import { serverFlags } from '../../scripts/lib/server-flags.mjs';

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: unknown;
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const inProject = (file: string): string => join(import.meta.dirname, '../..', file);
const read = (file: string): string => readFileSync(inProject(file), 'utf8');
const stages = parseDockerfile(read('Dockerfile'));
const runtime = stages.at(-1);
const inRuntime = (name: string) => (runtime?.instructions ?? []).filter((instruction) => instruction.name === name);
const sent = contextFilter(read('.dockerignore'));
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Readonly<Record<string, Service>>;
  networks: Readonly<Record<string, { readonly internal?: boolean }>>;
};
const services = Object.entries(compose.services);
const pinned = /:\d+[\w.-]*$|:v\d+\.\d+\.\d+$/;

describe('the Dockerfile', () => {
  it('runs as a user that is not root, named by number so that an orchestrator can tell', () => {
    expect(inRuntime('USER').map(({ text }) => text)).toEqual(['1000:1000']);
    const afterUser = (runtime?.instructions ?? []).slice((runtime?.instructions ?? []).findIndex(({ name }) => name === 'USER'));
    expect(afterUser.filter(({ name }) => name === 'COPY' || name === 'RUN')).toEqual([]);
  });

  it('builds on images of a named version', () => {
    expect(stages.filter(({ image }) => !pinned.test(image))).toEqual([]);
  });

  it('asks for the health of the process, and starts Node itself so that signals arrive', () => {
    expect(inRuntime('HEALTHCHECK').map(({ text }) => text)).toEqual([expect.stringContaining('/health/live')]);
    expect(inRuntime('CMD').map(({ words }) => words)).toEqual([['node', ...serverFlags, 'src/app/main.ts']]);
  });

  it('runs no install script of any package', () => {
    const installs = stages.flatMap(({ instructions }) => instructions).filter(({ text }) => text.includes('npm ci'));
    expect(installs).toHaveLength(2);
    expect(installs.filter(({ text }) => !text.includes('--ignore-scripts'))).toEqual([]);
  });

  it('copies only what exists and what the build context holds', () => {
    const generated = ['/app/node_modules', '/app/node_modules/@node-rs', '/app/web/dist'];
    const sources = stages.flatMap(({ instructions }) => instructions.filter(({ name }) => name === 'COPY'));
    const paths = sources.flatMap(({ words }) => words.slice(0, -1)).filter((path) => !generated.includes(path));
    const relative = paths.map((path) => path.replace(/^\/app\//, ''));
    expect(relative.filter((path) => !existsSync(inProject(path)) || (path !== '.' && !sent(path)))).toEqual([]);
  });

  it('holds no secret', () => {
    const settings = stages.flatMap(({ instructions }) => instructions.filter(({ name }) => name === 'ENV' || name === 'ARG'));
    expect(settings.map(({ text }) => text)).toEqual(['NODE_ENV=production']);
  });
});

describe('the build context', () => {
  it('the image is built from no secret, no history and no local data', () => {
    const kept = [
      '.env',
      '.env.local',
      'src/.env',
      '.git/config',
      '.sallyport/master-key',
      'node_modules/x/index.js',
      'debug.log',
      'web/.env',
    ];
    expect(kept.filter(sent)).toEqual([]);
  });

  it('holds what the build needs and no test', () => {
    expect(
      ['package-lock.json', 'src/app/main.ts', 'web/src/main.tsx', 'prisma/schema/main.prisma', 'schema.graphql'].every(sent),
    ).toBe(true);
    expect(
      ['src/kernel/clock.test.ts', 'tests/e2e/a.test.ts', 'src/generated/prisma/client.ts', 'web/dist/index.html'].filter(sent),
    ).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  it.each(services)('%s may change nothing but its volumes, and gains no rights', (_, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.cap_add).toBeUndefined();
    expect(service.privileged).toBeUndefined();
  });

  it.each(services)('%s runs a named version, not as root, and tells its health', (name, service) => {
    expect(service.image).toMatch(pinned);
    expect(service.healthcheck).toBeDefined();
    // The image of the application names its own user.
    if (name !== 'app') expect(service.user).toMatch(/^(?!root|0\b)\w+/);
  });

  it.each(services)('%s is open to this machine alone', (_, { ports = [] }) => {
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('the application waits until what it needs is healthy', () => {
    const others = services.map(([name]) => name).filter((name) => name !== 'app');
    expect(compose.services['app']?.depends_on).toEqual(
      Object.fromEntries(others.map((name) => [name, { condition: 'service_healthy' }])),
    );
  });

  it('no service has a password of its own', () => {
    const secret = /PASSWORD|KEY|SECRET|TOKEN|AUTH$/;
    const values = services.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).filter(([name]) => secret.test(name)),
    );
    expect(values.length).toBeGreaterThan(3);
    expect(values.filter(([, value]) => !/^\$\{[A-Z_]+:\?[^}]+\}$/.test(value))).toEqual([]);
    const urls = services
      .flatMap(([, { environment = {} }]) => Object.values(environment))
      .filter((value) => /:\/\/[^/]*@/.test(value));
    expect(urls.filter((url) => !/:\/\/\w*:\$\{[A-Z_]+:\?[^}]+\}@/.test(url))).toEqual([]);
  });

  it('the example of the settings gives no value away and names every setting without a default', () => {
    const example = Object.fromEntries(
      [...read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
    );
    expect(Object.values(example).filter((value) => value !== '')).toEqual([]);
    const demanded = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name ?? '');
    expect(demanded.filter((name) => !(name in example))).toEqual([]);
  });

  it('database and Redis reach no other network', () => {
    for (const name of ['database', 'redis']) {
      const networks = compose.services[name]?.networks ?? [];
      expect(networks.filter((network) => compose.networks[network]?.internal !== true)).toEqual([]);
    }
  });
});
