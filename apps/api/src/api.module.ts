import type { ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { AnalysisModule, CanReach } from '#analysis';
import { CONFIG, type Config } from '#config';
import { QueueModule } from '#queue';
import { LOG, type Log } from '#telemetry';
import { CallerResolver } from './access/caller-resolver.js';
import { QuestionRecorder } from './access/question-recorder.js';
import { RateLimiter } from './access/rate-limiter.js';
import { AgentsController } from './agents/agents.controller.js';
import { BoardController } from './board/board.controller.js';
import { ChangesController } from './changes/changes.controller.js';
import { AuditsController } from './audits/audits.controller.js';
import { ChannelsController } from './channels/channels.controller.js';
import { ChatController } from './chat/chat.controller.js';
import { ClusterResync } from './clusters/cluster-resync.js';
import { ClusterWarming } from './clusters/cluster-warming.js';
import { ClustersController } from './clusters/clusters.controller.js';
import { AssertionsController } from './assertions/assertions.controller.js';
import { BaselinesController } from './baselines/baselines.controller.js';
import { DriftController } from './drift/drift.controller.js';
import { FlowsController } from './flows/flows.controller.js';
import { FleetController } from './fleet/fleet.controller.js';
import { RESOLVERS } from './graphql/resolvers.js';
import { OutsideController } from './connections/outside.controller.js';
import { CnisController } from './cnis/cnis.controller.js';
import { ConnectionsController } from './connections/connections.controller.js';
import { GraphqlDriver } from './graphql/graphql-driver.js';
import { graphqlOptions } from './graphql/graphql-options.js';
import { LogController } from './log/log.controller.js';
import { TokensController } from './tokens/tokens.controller.js';
import { SubscriptionServer } from './graphql/subscription-server.js';
import { SubscriptionStreamController } from './graphql/subscription-stream.controller.js';
import { HealthController } from './health/health.controller.js';
import { MetricsServer } from './health/metrics-server.js';
import { MetricsController } from './health/metrics.controller.js';
import { HistoryController } from './history/history.controller.js';
import { InventoryController } from './inventory/inventory.controller.js';
import { JobsController } from './jobs/jobs.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { PagesController } from './pages/pages.controller.js';
import { PatternsController } from './patterns/patterns.controller.js';
import { ReachabilityController } from './reachability/reachability.controller.js';
import { canReachField } from './reachability/reachability.resolver.js';
import { EventStream } from './rest/event-stream.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { SearchController } from './search/search.controller.js';
import { OpenStreams } from './streams/open-streams.js';
import { StreamAccess } from './streams/stream-access.js';
import { ReportsController } from './reports/reports.controller.js';
import { AlertsController } from './runbooks/alerts.controller.js';
import { MetricsSourceController } from './runbooks/metrics-source.controller.js';
import { RunbooksController } from './runbooks/runbooks.controller.js';

/**
 * REST, GraphQL and their pages. Needs `ConfigModule` and `TelemetryModule` at the root, and an application made by
 * `createHttpApplication`.
 */
@Module({
  imports: [
    AnalysisModule,
    QueueModule,
    GraphQLModule.forRootAsync<ApolloDriverConfig>({
      driver: GraphqlDriver,
      imports: [AnalysisModule],
      inject: [CanReach, LOG],
      useFactory: (canReach: CanReach, log: Log) => graphqlOptions(log, { canReach: canReachField(canReach) }),
    }),
  ],
  controllers: [
    ReachabilityController,
    DriftController,
    AssertionsController,
    BaselinesController,
    FleetController,
    FlowsController,
    ClustersController,
    CnisController,
    AgentsController,
    ConnectionsController,
    OutsideController,
    PatternsController,
    InventoryController,
    ChangesController,
    HistoryController,
    AuditsController,
    SchedulesController,
    ChannelsController,
    ChatController,
    SearchController,
    JobsController,
    ReportsController,
    RunbooksController,
    MetricsSourceController,
    AlertsController,
    OpenApiController,
    HealthController,
    MetricsController,
    PagesController,
    TokensController,
    LogController,
    BoardController,
    SubscriptionStreamController,
  ],
  providers: [
    CallerResolver,
    QuestionRecorder,
    {
      provide: RateLimiter,
      useFactory: (config: Config) => new RateLimiter(config.access.requestsPerMinute),
      inject: [CONFIG],
    },
    ClusterResync,
    ClusterWarming,
    MetricsServer,
    OpenStreams,
    StreamAccess,
    EventStream,
    SubscriptionServer,
    ...RESOLVERS,
  ],
})
export class ApiModule {}
