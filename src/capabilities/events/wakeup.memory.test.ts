import { EventEmitter } from 'node:events';
import { describeEventWakeup } from './wakeup.contract.ts';
import { memoryEventWakeup } from './wakeup.memory.ts';

describeEventWakeup('memory', async () => {
  const channel = new EventEmitter();
  return { here: memoryEventWakeup(channel), there: memoryEventWakeup(channel), close: async () => undefined };
});
