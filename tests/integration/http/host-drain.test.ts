import { EventEmitter, once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Logger } from '#platform/observability/logger.ts';
import { type Closer, createDrain, type DrainDeps, drainOnSignals, type ExitCode } from '#transport/http/drain.ts';
import { createDrainState } from '#transport/http/drain-state.ts';
import { type HostFixture, startHost } from './host-fixture.ts';

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };
const started: HostFixture[] = [];
const agents: Agent[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  await Promise.all(started.splice(0).map(({ app }) => app.close()));
});

/** A host with a route that answers when it is told to. */
async function slowHost(deps: Partial<DrainDeps> = {}, order: string[] = []) {
  const drainState = createDrainState();
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const fixture = await startHost({
    drainState,
    routes: (app) => {
      app.get('/fast', async () => ({ done: true }));
      app.get('/slow', async () => {
        entered.resolve();
        await release.promise;
        order.push('answer');
        return { done: true };
      });
    },
  });
  started.push(fixture);
  const drain = createDrain({ app: fixture.app, drainState, logger: quiet, graceSeconds: 60, ...deps });
  const keepAlive = new Agent({ keepAlive: true });
  agents.push(keepAlive);
  return { ...fixture, drain, drainState, entered: entered.promise, release: release.resolve, keepAlive };
}

function closer(name: string, order: string[], close: () => Promise<void> = async () => {}): Closer {
  return {
    name,
    close: () => {
      order.push(name);
      return close();
    },
  };
}

describe('createDrain', () => {
  it('lets requests in flight finish, takes no new connection, closes idle ones, then closes in order', async () => {
    const order: string[] = [];
    const { call, drain, entered, release, keepAlive, port } = await slowHost(
      { beforeHttp: [closer('sockets', order)], afterHttp: [closer('jobs', order), closer('database', order)] },
      order,
    );
    // One connection that idles, and one that would be kept alive after its answer.
    await call('/fast', { agent: keepAlive });
    const slow = call('/slow', { agent: keepAlive });
    await entered;
    const drained = drain('SIGTERM');
    await expect
      .poll(() =>
        call('/fast').then(
          () => 'open',
          (error: NodeJS.ErrnoException) => error.code,
        ),
      )
      .toBe('ECONNREFUSED');
    expect(order).toEqual(['sockets']);
    release();
    expect(await slow).toMatchObject({ status: 200, json: { done: true } });
    expect(await drained).toBe(0);
    expect(order).toEqual(['sockets', 'answer', 'jobs', 'database']);
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('cuts requests that outlast the grace, and still closes everything', async () => {
    const order: string[] = [];
    const { call, drain, entered } = await slowHost({ graceSeconds: 0, afterHttp: [closer('database', order)] });
    const slow = call('/slow').catch((error: NodeJS.ErrnoException) => error.code);
    await entered;
    expect(await drain('SIGTERM')).toBe(0);
    expect(await slow).toBe('ECONNRESET');
    expect(order).toEqual(['database']);
  });

  it('goes on when a closer fails or hangs, and says so by its exit code', async () => {
    const order: string[] = [];
    const { drain } = await slowHost({
      closerTimeoutMs: 5,
      afterHttp: [
        closer('failing', order, async () => {
          throw new Error('no');
        }),
        closer('hanging', order, () => new Promise(() => {})),
        closer('database', order),
      ],
    });
    expect(await drain('SIGTERM')).toBe(1);
    expect(order).toEqual(['failing', 'hanging', 'database']);
  });

  it('drains once, however often it is asked', async () => {
    const order: string[] = [];
    const { drain, drainState } = await slowHost({ afterHttp: [closer('database', order)] });
    expect(drainState.isDraining()).toBe(false);
    expect(await Promise.all([drain('one'), drain('two')])).toEqual([0, 0]);
    expect(drainState.isDraining()).toBe(true);
    expect(order).toEqual(['database']);
  });
});

describe('drainOnSignals', () => {
  function signalled(drain: () => Promise<ExitCode>) {
    const signals = new EventEmitter();
    const exits: ExitCode[] = [];
    const exited = Promise.withResolvers<void>();
    const exit = (code: ExitCode) => {
      exits.push(code);
      exited.resolve();
    };
    drainOnSignals(drain, exit, signals);
    return { signals, exits, exited: exited.promise };
  }

  it('exits with the code of the drain', async () => {
    const { signals, exits, exited } = signalled(async () => 0);
    signals.emit('SIGTERM');
    await exited;
    expect(exits).toEqual([0]);
  });

  it('exits at once with 1 at the second signal', async () => {
    const { signals, exits, exited } = signalled(() => new Promise(() => {}));
    signals.emit('SIGINT');
    expect(exits).toEqual([]);
    signals.emit('SIGTERM');
    await exited;
    expect(exits).toEqual([1]);
  });

  it('exits with 1 when draining itself breaks', async () => {
    const { signals, exits, exited } = signalled(() => Promise.reject(new Error('broken')));
    signals.emit('SIGTERM');
    await exited;
    expect(exits).toEqual([1]);
  });
});
