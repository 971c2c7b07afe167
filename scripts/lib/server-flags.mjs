/**
 * What the server's Node is started with, here and in the Dockerfile. Node sizes its nursery by the memory of the machine, and
 * keeps what start-up once needed: 128 MiB on a large one. This much is enough for all requests of a moment.
 */
export const serverFlags = ['--max-semi-space-size=16'];
