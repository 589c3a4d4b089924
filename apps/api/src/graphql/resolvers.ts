import type { Type } from '@nestjs/common';
import { AssertionsResolver } from '../assertions/assertions.resolver.js';
import { BaselinesResolver } from '../baselines/baselines.resolver.js';
import { AuditTrendResolver } from '../audits/audit-trend.resolver.js';
import { AuditsResolver } from '../audits/audits.resolver.js';
import { SuppressionsResolver } from '../audits/suppressions.resolver.js';
import { ChangesResolver } from '../changes/changes.resolver.js';
import { ChannelsResolver } from '../channels/channels.resolver.js';
import { ClustersResolver } from '../clusters/clusters.resolver.js';
import { OutsideResolver } from '../connections/outside.resolver.js';
import { CnisResolver } from '../cnis/cnis.resolver.js';
import { ConnectionsResolver } from '../connections/connections.resolver.js';
import { DriftResolver } from '../drift/drift.resolver.js';
import { FlowsResolver } from '../flows/flows.resolver.js';
import { FleetResolver } from '../fleet/fleet.resolver.js';
import { HistoryResolver } from '../history/history.resolver.js';
import { InventoryResolver } from '../inventory/inventory.resolver.js';
import { ObjectClusterResolver } from '../inventory/object-cluster.resolver.js';
import { JobsResolver } from '../jobs/jobs.resolver.js';
import { PatternsResolver } from '../patterns/patterns.resolver.js';
import { ReachabilityResolver } from '../reachability/reachability.resolver.js';
import { ReportsResolver } from '../reports/reports.resolver.js';
import { RunbooksResolver } from '../runbooks/runbooks.resolver.js';
import { SchedulesResolver } from '../schedules/schedules.resolver.js';
import { SearchResolver } from '../search/search.resolver.js';
import { TokensResolver } from '../tokens/tokens.resolver.js';
import { NodeResolver } from './node.resolver.js';

/** Every resolver: what the schema is made of, and what the application provides. */
export const RESOLVERS: readonly Type[] = [
  AssertionsResolver,
  BaselinesResolver,
  AuditsResolver,
  AuditTrendResolver,
  ChangesResolver,
  ChannelsResolver,
  ClustersResolver,
  CnisResolver,
  ConnectionsResolver,
  OutsideResolver,
  DriftResolver,
  FleetResolver,
  FlowsResolver,
  HistoryResolver,
  InventoryResolver,
  JobsResolver,
  ObjectClusterResolver,
  PatternsResolver,
  ReachabilityResolver,
  ReportsResolver,
  RunbooksResolver,
  SchedulesResolver,
  SearchResolver,
  SuppressionsResolver,
  TokensResolver,
  NodeResolver,
];
