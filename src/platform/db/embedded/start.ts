import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Secret } from '#kernel/secret.ts';
import { accountForPostgres } from './account.ts';
import { type Binaries, locateBinaries } from './binaries.ts';
import { type Claim, claimFolder } from './claim.ts';
import { type Cluster, database, prepareCluster, urlOf } from './cluster.ts';
import { cannotRun, damagedData, portTaken, reasonOf } from './failures.ts';
import { chooseHome, type Home, systemFolder } from './home.ts';
import { recoverFromEarlierRun } from './orphan.ts';
import { choosePort, freePort, rememberPort } from './port.ts';
import { launchServer, type Server, ServerDidNotStart } from './server.ts';

export interface EmbeddedPostgresOptions {
  /** A folder of PostgreSQL's own. It is made when missing and survives restarts. */
  readonly dataDir: string;
  /** Receives PostgreSQL's log, line by line. No line holds the password. */
  readonly log: (line: string) => void;
  /** A fixed port. Without it the one of the last start if it is free, else any free one. */
  readonly port?: number;
  /** False gives up the safety of data in a power cut for speed: for tests, whose data nobody wants back. */
  readonly durable?: boolean;
  /** Further PostgreSQL settings, such as `max_connections`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called when PostgreSQL ends without having been told to, with what it last said. */
  readonly onExit?: (reason: string) => void;
}

export interface EmbeddedPostgres {
  /** Of the database `sallyport`, password included. */
  readonly url: Secret<string>;
  /** Such as `18.4`. */
  readonly version: string;
  readonly port: number;
  /** Where the data really is; elsewhere than `dataDir` when PostgreSQL can't enter that. */
  readonly folder: string;
  /** Whether this start made the database. */
  readonly fresh: boolean;
  /** Ends PostgreSQL with everything written. May be called again. */
  stop(): Promise<void>;
}

const launchAttempts = 40;
const pauseBetweenMs = 250;
const unsafeButFast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
const developmentSettings = { max_connections: '100', shared_buffers: '64MB', max_wal_size: '256MB' };

/**
 * Starts the PostgreSQL that npm installed, on 127.0.0.1 only, with a random password. Recovers from an earlier run that
 * was killed. Throws a StartupError that says what to do; data is never deleted.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = await accountForPostgres();
  const home = await chooseHome(options.dataDir, account);
  const claim = await claimFolder(home.folder).catch((error: unknown) => {
    throw error instanceof Error && 'code' in error ? damagedData(home.folder, reasonOf(error), error) : error;
  });
  try {
    const binaries = await locateBinaries(account, systemFolder);
    const cluster = await prepareCluster(home, binaries, account, options.durable ?? true);
    await recoverFromEarlierRun(home, options.log);
    return await run(options, home, claim, binaries, cluster);
  } catch (error) {
    await claim.release();
    throw error;
  }
}

async function run(
  options: EmbeddedPostgresOptions,
  home: Home,
  claim: Claim,
  binaries: Binaries,
  cluster: Cluster,
): Promise<EmbeddedPostgres> {
  const { server, port } = await launch(options, home, binaries, cluster);
  try {
    await ensureDatabase(urlOf(cluster.password, port, 'postgres'));
    await rememberPort(home.port, port);
  } catch (error) {
    await server.stop();
    throw damagedData(home.folder, reasonOf(error), error);
  }

  let stopping: Promise<void> | undefined;
  void server.ended.then((reason) => {
    if (stopping === undefined) options.onExit?.(reason);
  });
  const stop = async () => {
    await server.stop();
    await claim.release();
  };
  return {
    url: new Secret(urlOf(cluster.password, port)),
    version: binaries.version,
    port,
    folder: home.folder,
    fresh: cluster.fresh,
    stop: () => (stopping ??= stop()),
  };
}

async function launch(
  options: EmbeddedPostgresOptions,
  home: Home,
  binaries: Binaries,
  cluster: Cluster,
): Promise<{ server: Server; port: number }> {
  const settings = { ...developmentSettings, ...(options.durable === false ? unsafeButFast : {}), ...options.settings };
  let port = options.port ?? (await choosePort(home.port));
  for (let attempt = 1; ; attempt += 1) {
    try {
      const server = await launchServer({
        binaries,
        cluster: home.cluster,
        account: cluster.account,
        port,
        settings,
        log: options.log,
      });
      return { server, port };
    } catch (error) {
      if (!(error instanceof ServerDidNotStart)) throw cannotRun(reasonOf(error), error);
      const obstacle = passingObstacle(error.message);
      if (obstacle === null || attempt === launchAttempts) throw damagedData(home.folder, reasonOf(error), error);
      if (obstacle === 'port') {
        if (options.port !== undefined) throw portTaken(options.port);
        port = await freePort();
      } else {
        await pause(pauseBetweenMs);
      }
    }
  }
}

/** Another program can take the port between the look and the use; processes of a killed PostgreSQL take a moment to go. */
function passingObstacle(message: string): 'port' | 'memory' | null {
  if (message.includes('could not create any TCP/IP sockets')) return 'port';
  return message.includes('pre-existing shared memory block') ? 'memory' : null;
}

/** Also the proof that the password fits and that the server answers. */
async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 15_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${database}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}
