import type { Duplex } from 'node:stream';

/** How long a client may take to read a last answer and to hang up, before the socket is taken from it. */
const lingerMs = 2_000;

/**
 * Writes a last answer and lets go of the socket: at once when the other side has closed too, else after two seconds. Whoever
 * never closes their half must not keep the socket; and whoever is still sending gets to read the answer, which an immediate
 * reset would take from them (RFC 9112, 9.6).
 */
export function answerAndLetGo(socket: Duplex, answer: string): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => socket.destroy());
  socket.end(answer);
  // What still comes is read and thrown away, or the end would never be seen.
  socket.resume();
}
