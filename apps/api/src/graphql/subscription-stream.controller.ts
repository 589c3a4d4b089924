import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { subscribe, type ExecutionArgs, type ExecutionResult, type GraphQLError } from 'graphql';
import { z } from 'zod';
import { Clusters } from '#analysis';
import { CONFIG, type Config } from '#config';
import { parseInput } from '#contracts';
import { LOG, type Log } from '#telemetry';
import { RouteAction } from '../access/action.decorator.js';
import { EventStream, type ServerEvent } from '../rest/event-stream.js';
import { AllowedDocuments } from './allowed-documents.js';
import { formatGraphqlError } from './format-error.js';
import { GraphqlContext } from './graphql-context.js';
import { prepareSubscription } from './subscription-options.js';

const operationBody = z.looseObject({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/** GraphQL subscriptions over server-sent events, one by connection: the distinct mode of the protocol `graphql-sse`. */
@Controller('graphql/stream')
export class SubscriptionStreamController {
  private readonly format: ReturnType<typeof formatGraphqlError>;

  constructor(
    @Inject(GraphQLSchemaHost) private readonly schemaHost: GraphQLSchemaHost,
    @Inject(Clusters) private readonly clusters: Clusters,
    @Inject(EventStream) private readonly events: EventStream,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOG) log: Log,
  ) {
    this.format = formatGraphqlError(log);
  }

  @Post()
  @HttpCode(200)
  @RouteAction('fields')
  stream(@Body() body: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query, operationName, variables } = parseInput(operationBody, body);
    const { schema } = this.schemaHost;
    const prepared = prepareSubscription(
      { schema, allowed: AllowedDocuments.of(this.config) },
      { query, operationName, variables },
      new GraphqlContext(request.caller, this.clusters),
    );
    return this.events.answer(request, reply, ({ signal }) => Promise.resolve(this.answers(prepared, signal)));
  }

  private async *answers(
    prepared: ExecutionArgs | readonly GraphQLError[],
    signal: AbortSignal,
  ): AsyncGenerator<ServerEvent> {
    const results = 'schema' in prepared ? await subscribe(prepared) : { errors: prepared };
    if (Symbol.asyncIterator in results) {
      const end = (): void => void results.return(undefined);
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
      for await (const result of results) yield { event: 'next', data: this.told(result) };
    } else {
      yield { event: 'next', data: this.told(results) };
    }
    yield { event: 'complete', data: null };
  }

  private told({ errors, ...rest }: ExecutionResult): object {
    return errors === undefined ? rest : { ...rest, errors: errors.map((error) => this.format(error.toJSON(), error)) };
  }
}
