export interface Instruction {
  readonly line: number;
  readonly name: string;
  /** `--from=build` and its like, without the dashes. */
  readonly flags: Readonly<Record<string, string>>;
  /** The rest of the instruction on one line. */
  readonly text: string;
  /** The rest as words; the elements where it is written in the exec form `["a", "b"]`. */
  readonly words: readonly string[];
}

export interface Stage {
  readonly name: string;
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

/** Reads the part of the Dockerfile language that this repository's own file uses: no ARG, no here-documents, no escapes. */
export function parseDockerfile(text: string): Stage[] {
  const stages: { name: string; image: string; instructions: Instruction[] }[] = [];
  for (const instruction of parseInstructions(text)) {
    if (instruction.name === 'FROM') {
      const [image = '', , name = ''] = instruction.words;
      stages.push({ name, image, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined)
        throw new Error(`Dockerfile:${instruction.line}: ${instruction.name} stands before the first FROM`);
      stage.instructions.push(instruction);
    }
  }
  return stages;
}

function parseInstructions(text: string): Instruction[] {
  const instructions: Instruction[] = [];
  let pending = '';
  let startedAt = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trimStart().startsWith('#') || (pending === '' && line.trim() === '')) continue;
    if (pending === '') startedAt = index + 1;
    if (line.endsWith('\\')) {
      pending += `${line.slice(0, -1).trim()} `;
    } else {
      instructions.push(parseInstruction(`${pending}${line.trim()}`, startedAt));
      pending = '';
    }
  }
  if (pending !== '') throw new Error(`Dockerfile:${startedAt}: the instruction has no end`);
  return instructions;
}

function parseInstruction(source: string, line: number): Instruction {
  const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(source) ?? [];
  const flags: Record<string, string> = {};
  let text = rest;
  for (let flag = /^--([a-z-]+)=(\S+)\s+/.exec(text); flag !== null; flag = /^--([a-z-]+)=(\S+)\s+/.exec(text)) {
    flags[flag[1] ?? ''] = flag[2] ?? '';
    text = text.slice(flag[0].length);
  }
  const exec = /\[.*\]$/.exec(text);
  const words = exec === null ? text.split(/\s+/) : (JSON.parse(exec[0]) as string[]);
  return { line, name: name.toUpperCase(), flags, text, words };
}

/**
 * Tells by the lines of a .dockerignore which paths of the context are sent. A pattern that matches a folder matches all below
 * it, and the last pattern that matches decides.
 */
export function contextFilter(ignoreFile: string): (path: string) => boolean {
  const patterns = ignoreFile
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ sent: line.startsWith('!'), expression: toExpression(line.replace(/^!/, '')) }));
  return (path) => patterns.findLast(({ expression }) => expression.test(path))?.sent ?? true;
}

function toExpression(pattern: string): RegExp {
  const body = pattern
    .split('/')
    .map((part) =>
      part === '**'
        ? '(?:.*)'
        : part
            .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
            .replaceAll('*', '[^/]*')
            .replaceAll('?', '[^/]'),
    )
    .join('/')
    .replaceAll('(?:.*)/', '(?:.*/)?');
  return new RegExp(`^${body}(?:/.*)?$`);
}
