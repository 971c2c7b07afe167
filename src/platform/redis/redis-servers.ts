export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is and how it is entered: what REDIS_URL or REDIS_URLS says. */
export interface RedisServers {
  readonly topology: 'standalone' | 'sentinel' | 'cluster';
  /** The server; the Sentinels; or the nodes of a Cluster that are asked first for all others. */
  readonly nodes: readonly RedisNode[];
  /** To Sentinels as well. */
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Sentinels have credentials of their own, and know the primary by a name. */
  readonly sentinel:
    | { readonly name: string; readonly username: string | undefined; readonly password: string | undefined }
    | undefined;
}

const schemes: ReadonlyMap<string, { readonly tls: boolean; readonly sentinel: boolean; readonly port: number }> = new Map([
  ['redis:', { tls: false, sentinel: false, port: 6379 }],
  ['rediss:', { tls: true, sentinel: false, port: 6379 }],
  ['redis+sentinel:', { tls: false, sentinel: true, port: 26379 }],
  ['rediss+sentinel:', { tls: true, sentinel: true, port: 26379 }],
]);

const sentinelParameters = ['name', 'sentinelUsername', 'sentinelPassword'];
const mostDatabases = 16_384;

interface Parsed {
  readonly scheme: string;
  readonly node: RedisNode;
  /** Everything that must be the same, or left out, in the further entries of a list. */
  readonly login: Readonly<Record<string, string>>;
}

/**
 * Reads REDIS_URL (`list` false) or REDIS_URLS (`list` true: entries separated by commas, of which the first says how to
 * log in). A list of plain entries names nodes of a Redis Cluster, a list of `redis+sentinel` entries the Sentinels of one
 * primary. Null for anything it does not understand whole: a parameter that is passed over would be a setting that does
 * not hold.
 */
export function parseRedisServers(text: string, { list }: { readonly list: boolean }): RedisServers | null {
  const entries = list ? text.split(',').map((entry) => entry.trim()) : [text];
  const parsed = entries.map(parseEntry);
  const [first] = parsed;
  if (!first || parsed.some((entry) => entry === null || !agrees(entry, first))) return null;
  const scheme = schemes.get(first.scheme);
  const { login } = first;
  const name = login['name'];
  if (!scheme || scheme.sentinel !== (name !== undefined)) return null;
  const topology = scheme.sentinel ? 'sentinel' : list ? 'cluster' : 'standalone';
  const database = Number(login['database'] ?? 0);
  // A Cluster has one database.
  if (topology === 'cluster' && database !== 0) return null;
  return {
    topology,
    nodes: parsed.flatMap((entry) => (entry ? [entry.node] : [])),
    tls: scheme.tls,
    username: login['username'],
    password: login['password'],
    database,
    sentinel: name === undefined ? undefined : { name, username: login['sentinelUsername'], password: login['sentinelPassword'] },
  };
}

function agrees(entry: Parsed, first: Parsed): boolean {
  if (entry.scheme !== first.scheme) return false;
  return Object.entries(entry.login).every(([key, value]) => first.login[key] === value);
}

function parseEntry(entry: string): Parsed | null {
  const url = URL.parse(entry);
  const scheme = url && schemes.get(url.protocol);
  if (!scheme || url.hostname === '' || url.hash !== '') return null;
  const path = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
  if (path === undefined || Number(path) >= mostDatabases) return null;
  const parameters = [...url.searchParams];
  const allowed = scheme.sentinel ? sentinelParameters : [];
  if (parameters.some(([key, value]) => !allowed.includes(key) || value === '')) return null;
  const [username, password] = [decoded(url.username), decoded(url.password)];
  if (username === null || password === null) return null;
  return {
    scheme: url.protocol,
    node: { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? scheme.port : Number(url.port) },
    login: {
      ...(username === '' ? {} : { username }),
      ...(password === '' ? {} : { password }),
      ...(path === '' ? {} : { database: path }),
      ...Object.fromEntries(parameters),
    },
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
