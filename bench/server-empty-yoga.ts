import Fastify from 'fastify';
import { buildSchema, type ExecutionArgs, getOperationAST } from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { createYoga, type Plugin } from 'graphql-yoga';

/**
 * The control of the pipeline ratio: Fastify, Yoga and graphql-jit, and nothing else. No guard, no log, no context, no
 * session, no header beyond their own.
 */

const schema = buildSchema('type Query { greeting: String }');

function compileEverything(): Plugin {
  const compiled = new WeakMap<object, CompiledQuery>();
  return {
    onExecute({ args, setExecuteFn }) {
      const operation = getOperationAST(args.document, args.operationName);
      if (!operation) return;
      let plan = compiled.get(operation);
      if (plan === undefined) {
        const result = compileQuery(args.schema, args.document, args.operationName ?? undefined);
        if (!isCompiledQuery(result)) return;
        plan = result;
        compiled.set(operation, plan);
      }
      const { query } = plan;
      setExecuteFn((executed: ExecutionArgs) => query(executed.rootValue, executed.contextValue, executed.variableValues));
    },
  };
}

const yoga = createYoga({ schema, logging: false, graphiql: false, landingPage: false, plugins: [compileEverything()] });
const app = Fastify();
app.route({
  url: '/graphql',
  method: ['GET', 'POST'],
  handler: (request, reply) => yoga.handleNodeRequestAndResponse(request, reply, {}),
});
app.get('/ready', async () => ({ ready: true }));
process.once('SIGTERM', () => process.exit(0));
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
