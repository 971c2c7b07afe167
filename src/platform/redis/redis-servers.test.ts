import { describe, expect, it } from 'vitest';
import { parseRedisServers } from './redis-servers.ts';

const one = (text: string) => parseRedisServers(text, { list: false });
const many = (text: string) => parseRedisServers(text, { list: true });
const nobody = { username: undefined, password: undefined, database: 0, sentinel: undefined };

describe('REDIS_URL', () => {
  it('names one server', () => {
    expect(one('redis://cache')).toEqual({
      topology: 'standalone',
      nodes: [{ host: 'cache', port: 6379 }],
      tls: false,
      ...nobody,
    });
    expect(one('rediss://app:p%40ss%2Fword@[::1]:7000/3')).toEqual({
      topology: 'standalone',
      nodes: [{ host: '::1', port: 7000 }],
      tls: true,
      username: 'app',
      password: 'p@ss/word',
      database: 3,
      sentinel: undefined,
    });
  });

  it('names the primary behind a Sentinel', () => {
    expect(one('redis+sentinel://:secret@watch/1?name=mymaster&sentinelPassword=other')).toEqual({
      topology: 'sentinel',
      nodes: [{ host: 'watch', port: 26379 }],
      tls: false,
      username: undefined,
      password: 'secret',
      database: 1,
      sentinel: { name: 'mymaster', username: undefined, password: 'other' },
    });
    expect(one('rediss+sentinel://watch?name=m')).toMatchObject({ topology: 'sentinel', tls: true });
  });

  it.each([
    'http://cache',
    'redis://',
    'redis://cache:70000',
    'redis://cache/names',
    'redis://cache/99999',
    'redis://cache?family=6',
    'redis://cache?name=mymaster',
    'redis://cache#fragment',
    'redis://:%zz@cache',
    'redis+sentinel://watch',
    'redis+sentinel://watch?name=',
    'redis+sentinel://watch?name=m&role=replica',
    'redis://a:6379,redis://b:6379',
  ])('is refused: %s', (text) => {
    expect(one(text)).toBeNull();
  });
});

describe('REDIS_URLS', () => {
  it('names nodes of a Cluster, of which the first says how to log in', () => {
    expect(many('rediss://app:secret@a:7000, rediss://b:7001,rediss://app:secret@c')).toEqual({
      topology: 'cluster',
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 7001 },
        { host: 'c', port: 6379 },
      ],
      tls: true,
      username: 'app',
      password: 'secret',
      database: 0,
      sentinel: undefined,
    });
  });

  it('names a Cluster also when it has one entry', () => {
    expect(many('redis://a')).toMatchObject({ topology: 'cluster', nodes: [{ host: 'a', port: 6379 }] });
  });

  it('names the Sentinels of one primary', () => {
    expect(many('redis+sentinel://:secret@a/2?name=m,redis+sentinel://b:26380')).toMatchObject({
      topology: 'sentinel',
      nodes: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 26380 },
      ],
      password: 'secret',
      database: 2,
      sentinel: { name: 'm' },
    });
  });

  it.each([
    ['an empty entry', 'redis://a,'],
    ['two schemes', 'redis://a,rediss://b'],
    ['a server and a Sentinel', 'redis+sentinel://a?name=m,redis://b'],
    ['credentials that only a later entry has', 'redis://a,redis://:secret@b'],
    ['credentials that differ', 'redis://:one@a,redis://:two@b'],
    ['names that differ', 'redis+sentinel://a?name=m,redis+sentinel://b?name=n'],
    ['Sentinels of nothing', 'redis+sentinel://a,redis+sentinel://b'],
    ['a database of a Cluster', 'redis://a/1,redis://b/1'],
  ])('is refused with %s', (_what, text) => {
    expect(many(text)).toBeNull();
  });
});
