import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartupError } from '#platform/config/startup-error.ts';
import { openPlaces } from './places.maxmind.ts';

/** As much of the MaxMind DB format 2.0 as a file needs that knows one thing of the lower half of all IPv4 addresses. */
type Value = string | number | readonly Value[] | { readonly [key: string]: Value };

const control = (type: number, size: number) => (type < 8 ? Buffer.from([(type << 5) | size]) : Buffer.from([size, type - 7]));

function encode(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([control(7, entries.length), ...entries.flatMap(([key, one]) => [encode(key), encode(one)])]);
}

function databaseOf(record: Value): Buffer {
  const nodeCount = 1;
  const tree = Buffer.alloc(6);
  tree.writeUIntBE(nodeCount + 16, 0, 3);
  tree.writeUIntBE(nodeCount, 3, 3);
  const metadata = {
    node_count: nodeCount,
    record_size: 24,
    ip_version: 4,
    database_type: 'Test-City',
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    description: { en: 'a test' },
  };
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([tree, Buffer.alloc(16), encode(record), marker, encode(metadata)]);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-places-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function fileOf(content: Buffer): Promise<string> {
  files += 1;
  const path = join(folder, `${files}.mmdb`);
  await writeFile(path, content);
  return path;
}

describe('places of network addresses', () => {
  it('are country and city, where the file knows them', async () => {
    const file = await fileOf(databaseOf({ country: { iso_code: 'NL' }, city: { names: { en: 'Utrecht', nl: 'Utrecht' } } }));
    const findPlace = await openPlaces(file);
    expect(findPlace('1.2.3.4')).toEqual({ country: 'NL', city: 'Utrecht' });
    for (const address of ['200.1.2.3', 'unknown', '']) expect(findPlace(address), address).toBeNull();
  });

  it('are a country alone from a file of countries', async () => {
    const findPlace = await openPlaces(await fileOf(databaseOf({ country: { iso_code: 'NL' } })));
    expect(findPlace('1.2.3.4')).toEqual({ country: 'NL', city: null });
  });

  it.each<[string, Value]>([
    ['no country', { city: { names: { en: 'Utrecht' } } }],
    ['a country that is no code', { country: { iso_code: 'Netherlands' } }],
    ['a country of another type', { country: { iso_code: 7 } }],
  ])('are unknown where the file tells %s', async (_name, record) => {
    expect((await openPlaces(await fileOf(databaseOf(record))))('1.2.3.4')).toBeNull();
  });

  it('are unknown without a file', async () => {
    expect((await openPlaces(undefined))('1.2.3.4')).toBeNull();
  });

  it('need a file that can be read: whoever starts the product is told what to mend', async () => {
    const broken = [
      join(folder, 'nowhere.mmdb'),
      await fileOf(Buffer.from('no database')),
      await fileOf(Buffer.from([0x1f, 0x8b, 8])),
    ];
    for (const file of broken) await expect(openPlaces(file)).rejects.toThrow(StartupError);
  });
});
