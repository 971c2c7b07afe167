import { createLogger as createWinston, transports } from 'winston';
import { type Clock, systemClock } from '#kernel/clock.ts';
import { currentCorrelationId } from './correlation.ts';
import { batchLines } from './line-batch.ts';
import { jsonLine, prettyLine } from './log-lines.ts';
import type { LogFields, Logger } from './logger.ts';
import { redactField, redactName, redactText } from './redact.ts';

export interface LoggerOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug' | 'silent';
  readonly format: 'json' | 'pretty';
  /** Where the lines go. Without it: the standard output. */
  readonly stream?: NodeJS.WritableStream;
  readonly clock?: Clock;
}

const levels = { error: 0, warn: 1, info: 2, debug: 3 } as const;
type Level = keyof typeof levels;

const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLogger };

// Winston reads the finished line under this symbol; the name is part of its public contract with formats (triple-beam).
const finishedLine = Symbol.for('message');

/**
 * The product's logger. Every line carries the correlation id of the request or job that it belongs to; message and fields
 * are redacted before Winston sees them.
 */
export function createLogger(options: LoggerOptions): Logger {
  if (options.level === 'silent') return silentLogger;
  const { clock = systemClock } = options;
  const batch = options.stream === undefined && options.format === 'json' ? batchLines(process.stdout) : undefined;
  const stream = batch ?? options.stream ?? process.stdout;
  const least = levels[options.level];
  // No Winston format runs: each copies the line once more. The line is finished here and Winston only carries it.
  const winston = createWinston({
    level: options.level,
    levels,
    format: { transform: (info) => info },
    transports: [new transports.Stream({ stream, eol: '\n' })],
  });
  const write = (level: Level, message: string, bound: LogFields, fields: LogFields | undefined): void => {
    if (levels[level] > least) return;
    const line = {
      time: clock.now().toISOString(),
      level,
      message: redactText(message),
      fields: gather(bound, fields),
    };
    const finished = options.format === 'json' ? jsonLine(line) : prettyLine(line, stream);
    winston.log({ level, message: line.message, [finishedLine]: finished });
    // Errors may be the last that a process says.
    if (level === 'error') batch?.flush();
  };
  return bind(write, {});
}

function gather(bound: LogFields, fields: LogFields | undefined): Record<string, unknown> {
  const gathered: Record<string, unknown> = { correlationId: currentCorrelationId(), ...bound };
  for (const name in fields) gathered[redactName(name)] = redactField(name, fields[name]);
  return gathered;
}

type Write = (level: Level, message: string, bound: LogFields, fields: LogFields | undefined) => void;

function bind(write: Write, bound: LogFields): Logger {
  return {
    debug: (message, fields) => write('debug', message, bound, fields),
    info: (message, fields) => write('info', message, bound, fields),
    warn: (message, fields) => write('warn', message, bound, fields),
    error: (message, fields) => write('error', message, bound, fields),
    child: (fields) => {
      const own = Object.entries(fields).map(([name, value]) => [redactName(name), redactField(name, value)] as const);
      return bind(write, { ...bound, ...Object.fromEntries(own) });
    },
  };
}
