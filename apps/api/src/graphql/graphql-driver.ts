import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { execute, type GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { Clusters } from '#analysis';
import { CONFIG, type Config } from '#config';
import { JSON_MEDIA_TYPE } from '../http/json-media-type.js';
import { AllowedDocuments } from './allowed-documents.js';
import { GraphqlContext } from './graphql-context.js';
import { KnownDocuments, type KnownDocument } from './known-documents.js';
import { COST_HEADER, MAX_COST, toldCost } from './query-cost.js';
import type { PlannedResult } from './query-plan.js';

const HEADERS = { 'content-type': JSON_MEDIA_TYPE, 'cache-control': 'no-store' } as const;

/** What the short way works with. */
interface ShortWay {
  readonly documents: KnownDocuments;
  readonly schema: GraphQLSchema;
  readonly createContext: (request: FastifyRequest) => GraphqlContext;
  readonly formatError: (formatted: GraphQLFormattedError, thrown: unknown) => GraphQLFormattedError;
}

interface Asked {
  readonly known: KnownDocument;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Apollo on Fastify, with a short way for queries that it let through before: they are executed at once, by the same
 * schema, guards and formats. Whatever is not plain takes Apollo's way, which alone refuses.
 */
@Injectable()
export class GraphqlDriver extends ApolloDriver {
  @Inject(CONFIG) private readonly config!: Config;
  @Inject(Clusters) private readonly clusters!: Clusters;

  override async registerFastify(
    options: ApolloDriverConfig,
    hooks?: Parameters<ApolloDriver['registerFastify']>[1],
  ): Promise<void> {
    const { schema, formatError, plugins = [], path } = options;
    const createContext: ShortWay['createContext'] = ({ caller }) => new GraphqlContext(caller, this.clusters);
    const documents = new KnownDocuments();
    const way = { documents, schema, createContext, formatError } as ShortWay;
    const allowed = AllowedDocuments.of(this.config);
    const server = this.httpAdapterHost.httpAdapter.getInstance<FastifyInstance>();
    server.addHook('onRoute', (route) => {
      if (route.url !== path) return;
      route.preHandler = (request, reply, done) => {
        const refusal = allowed === null ? null : refusalOf(request, allowed);
        if (refusal !== null) {
          void reply.status(400).send({ errors: [way.formatError(refusal.toJSON(), refusal)] });
          return;
        }
        const asked = request.method === 'POST' ? plainQuery(request, documents) : null;
        const cost = asked === null ? 0 : asked.known.costOf(asked.variables);
        if (asked === null || cost > MAX_COST) done();
        else answer(way, asked, cost, request, reply, done);
      };
    });
    const settings: Partial<ApolloDriverConfig> = {
      context: (request: FastifyRequest) => Promise.resolve(createContext(request)),
      persistedQueries: allowed === null ? {} : { cache: allowed.store },
      plugins: [...plugins, documents.plugin()],
    };
    await super.registerFastify({ ...options, ...settings }, hooks);
  }
}

/** Why a request is not let through to be read at all; null when it is. */
function refusalOf({ method, query, body }: FastifyRequest, allowed: AllowedDocuments): GraphQLError | null {
  const sent: unknown = method === 'GET' ? query : body;
  return isMap(sent) && typeof sent['query'] === 'string' ? allowed.refusalOf(sent['query']) : null;
}

/** The query of a request that is known, and in which nothing has to be refused or negotiated; else null. */
function plainQuery(request: FastifyRequest, documents: KnownDocuments): Asked | null {
  const { accept = '*/*' } = request.headers;
  const { body } = request;
  if (!isMap(body) || !/^(\*\/\*|application\/json)$/.test(accept)) return null;
  const { query, operationName, variables = {}, extensions = {} } = body;
  if (!isMap(extensions) || !isMap(variables)) return null;
  const persisted = isMap(extensions['persistedQuery']) ? extensions['persistedQuery'] : null;
  const text = typeof query === 'string' ? query : undefined;
  const hash = typeof persisted?.['sha256Hash'] === 'string' ? persisted['sha256Hash'] : undefined;
  const known = documents.find(text, hash);
  const name = operationName ?? known?.operation.name?.value;
  return known === undefined || name !== known.operation.name?.value ? null : { known, variables };
}

/** Answers by the plan of the query, else by graphql-js; what that cannot read either is left to Apollo. */
function answer(
  way: ShortWay,
  asked: Asked,
  cost: number,
  request: FastifyRequest,
  reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  const { known, variables } = asked;
  const context = way.createContext(request);
  const tell = (result: PlannedResult, made: GraphqlContext): void => {
    const errors = 'errors' in result ? result.errors : undefined;
    if (known.isKept && errors === undefined) request.madeWith = made.accessFor('question.ask');
    const extensions =
      COST_HEADER in request.headers ? `"extensions":${JSON.stringify({ cost: toldCost(cost) })},` : '';
    const told = errors?.map((error) => way.formatError(error.toJSON(), error));
    const failed = told === undefined ? '' : `"errors":${JSON.stringify(told)},`;
    const data = 'text' in result ? result.text : JSON.stringify(result.data);
    void reply.headers(HEADERS).send(`{${extensions}${failed}"data":${data}}\n`);
  };
  const tellPlanned = (result: PlannedResult | null): void => {
    if (result !== null) tell(result, context);
    else executeWhole(way, asked, request, tell, done);
  };
  const planned = known.plan?.run(variables, context) ?? null;
  if (planned instanceof Promise) planned.then(tellPlanned).catch(done);
  else tellPlanned(planned);
}

/** With a context of its own: what was begun before is begun again. */
function executeWhole(
  { schema, createContext }: ShortWay,
  { known: { document }, variables }: Asked,
  request: FastifyRequest,
  tell: (result: PlannedResult, made: GraphqlContext) => void,
  done: (error?: Error) => void,
): void {
  const contextValue = createContext(request);
  Promise.resolve(execute({ schema, document, variableValues: variables, contextValue }))
    .then((result) => {
      // Variables that do not fit: nothing ran, and Apollo has the words for it.
      if (result.data === undefined) done();
      else tell(result, contextValue);
    })
    .catch(done);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
