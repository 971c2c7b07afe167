import { EventEmitter } from 'node:events';
import type { EventWakeup } from './events.ports.ts';

/** Hints inside one process: for a single node, and for several nodes in one test. */
export function memoryEventWakeup(channel = new EventEmitter()): EventWakeup {
  channel.setMaxListeners(0);
  return {
    announce: async (upTo) => {
      channel.emit('grown', upTo);
    },
    listen: async (onWake, onHealth) => {
      channel.on('grown', onWake);
      onHealth(true);
      return async () => {
        channel.off('grown', onWake);
      };
    },
  };
}
