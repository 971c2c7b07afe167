export * from './authentication.ts';
export * from './devices.ts';
export * from './events.ts';
export * from './sessions.ts';
export * from './throttles.ts';
