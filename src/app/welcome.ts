import type { Config } from '#platform/config/config.ts';
import type { RunningNode } from './compose.ts';

export interface WelcomeInput {
  readonly config: Config;
  readonly node: RunningNode;
  /** Where the embedded PostgreSQL keeps its data; undefined when it is somebody else's. */
  readonly dataFolder: string | undefined;
}

/**
 * Tells a newcomer where to go. Goes to the terminal and to nothing else: the one-time link is a secret, which no log gets.
 */
export async function printWelcome({ config, node, dataFolder }: WelcomeInput): Promise<void> {
  const { publicUrl } = config.http;
  const at = (path: string) => new URL(path, publicUrl).href;
  const link = await node.firstAdminLink();
  const lines: [string, string][] = [
    ['Page', at('/')],
    ...(config.graphql.graphiql ? [['GraphiQL', at('/graphql')] as [string, string]] : []),
    ...(node.mailbox ? [['Mailbox', at('/dev/mailbox')] as [string, string]] : []),
    ...(link ? [['First admin', `${link}   (works once, for a day)`] as [string, string]] : []),
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  const text = [
    '',
    '  Sallyport is ready.',
    '',
    ...lines.map(([name, value]) => `  ${name.padEnd(width)}   ${value}`),
    '',
    dataFolder === undefined ? '  Ctrl-C stops it.' : `  Data lives in ${dataFolder}. Ctrl-C stops everything.`,
    ...(config.redis ? [] : ['  Without REDIS_URL the nodes hear of each other through PostgreSQL.']),
    '',
  ];
  process.stdout.write(`${text.join('\n')}\n`);
}
