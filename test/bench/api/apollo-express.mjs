// The peer of the GraphQL rows: Apollo Server on Express with a resolver that does nothing, in a process of its own.
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';

const typeDefs = `
  input CanReachInput { cluster: String!, from: String!, to: String!, port: Int }
  type Reachability { verdict: String!, reason: String! }
  type Query { canReach(input: CanReachInput!): Reachability! }
`;
const resolvers = { Query: { canReach: () => ({ verdict: 'ALLOWED', reason: 'NONE' }) } };

const apollo = new ApolloServer({ typeDefs, resolvers });
await apollo.start();
const app = express().use('/graphql', express.json(), expressMiddleware(apollo));
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${String(server.address().port)}\n`);
});
process.stdin.resume().once('end', () => process.exit(0));
