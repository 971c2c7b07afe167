import { EventEmitter } from 'node:events';
import { describeEventWakeup } from './wakeup.contract.ts';
import { memoryEventWakeup } from './wakeup.memory.ts';

async function openPair() {
  const channel = new EventEmitter();
  return { here: memoryEventWakeup(channel), there: memoryEventWakeup(channel), close: async () => undefined };
}

describeEventWakeup('memory', openPair, { connected: false });
