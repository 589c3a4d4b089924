import { createHash } from 'node:crypto';
import type { NamespaceScope } from '#access';
import { lastingKey, type LastingFlow, type SeenVerdict } from '#engine';
import { namespaceFilter, parameters } from '../access-filter.js';
import type { Database } from '../database.js';
import { storableJson } from '../fact-json.js';
import { descending, keysetSql, numberKey, textKey, timeKey, type Keyset, type ListOrder } from '../keyset.js';

/** As many as a question about flows takes. */
export const MOST_KEPT_FLOWS = 10_000;

/** Part of an advisory lock: who adds to the flows of a cluster, one after the other. */
const KEEP_LOCK = 402_119;
/** Reasons, policies and names of one flow, and the length of each. */
const MOST_WORDS = 20;
const LONGEST_WORD = 500;
const LARGEST_COUNT = 2_147_483_647;

export interface NewKeptFlow extends Omit<LastingFlow, 'firstSeen' | 'lastSeen'> {
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}

/** A flow with what told it. */
export interface KeptFlow extends NewKeptFlow {
  readonly key: string;
  readonly origins: readonly string[];
}

/** Which flows. All filters must hold. */
export interface KeptFlowFilter {
  /** At one of the two ends. */
  readonly namespace?: string | undefined;
  readonly verdict?: SeenVerdict | undefined;
  /** Seen at this time or later. */
  readonly since?: Date | undefined;
}

/** What is kept, all in all. */
export interface KeptFlowSpan {
  readonly flows: number;
  readonly firstSeen: Date | null;
  readonly lastSeen: Date | null;
  /** When the last of it was added. */
  readonly keptAt: Date | null;
  readonly origins: readonly string[];
}

const peerColumns = (side: 'source' | 'destination', hostNames: string): string =>
  `json_build_object('asked', ${side}, 'namespace', ${side}_namespace, 'hostNames', ${hostNames}) AS ${side}`;

const COLUMNS = `key, ${peerColumns('source', `'[]'::json`)}, ${peerColumns('destination', 'host_names')}, protocol, port,
  verdict, arrived, reasons, policies, count, first_seen AS "firstSeen", last_seen AS "lastSeen", origins`;

export const KEPT_FLOW_ORDER: ListOrder<KeptFlow, 'lastSeen' | 'firstSeen' | 'count' | 'key'> = {
  keys: {
    lastSeen: timeKey('kept_flow.last_seen', (flow) => flow.lastSeen),
    firstSeen: timeKey('kept_flow.first_seen', (flow) => flow.firstSeen),
    count: numberKey('kept_flow.count', (flow) => flow.count),
    key: textKey('kept_flow.key', (flow) => flow.key),
  },
  natural: descending('lastSeen', 'key'),
};

const merged = (column: string): string =>
  `${column} = ARRAY(SELECT DISTINCT unnest(kept.${column} || EXCLUDED.${column}) ORDER BY 1 LIMIT ${MOST_WORDS})`;

const KEEP = `
  INSERT INTO kept_flow AS kept (cluster_id, key, source, source_namespace, destination, destination_namespace, host_names,
                                 protocol, port, verdict, arrived, reasons, policies, count, first_seen, last_seen, origins)
  SELECT $1, key, source, "sourceNamespace", destination, "destinationNamespace", "hostNames",
         protocol, port, verdict, arrived, reasons, policies, count, "firstSeen", "lastSeen", $3
    FROM json_to_recordset($2::json) AS seen(key text, source text, "sourceNamespace" text, destination text,
         "destinationNamespace" text, "hostNames" text[], protocol int, port int, verdict text, arrived boolean,
         reasons text[], policies text[], count int, "firstSeen" timestamptz, "lastSeen" timestamptz)
  ON CONFLICT (cluster_id, key) DO UPDATE SET
    ${['host_names', 'reasons', 'policies', 'origins'].map(merged).join(', ')},
    arrived = kept.arrived OR EXCLUDED.arrived,
    count = LEAST(kept.count::bigint + EXCLUDED.count, ${LARGEST_COUNT}),
    first_seen = LEAST(kept.first_seen, EXCLUDED.first_seen),
    last_seen = GREATEST(kept.last_seen, EXCLUDED.last_seen),
    kept_at = CURRENT_TIMESTAMP`;

const DROP_OLDEST = `
  DELETE FROM kept_flow WHERE cluster_id = $1 AND key IN (
    SELECT key FROM kept_flow WHERE cluster_id = $1 ORDER BY last_seen DESC, key DESC OFFSET ${MOST_KEPT_FLOWS})`;

/** Flows of clusters that were seen, added up. */
export class KeptFlowRepository {
  constructor(private readonly database: Database) {}

  /** Adds to what is kept of a cluster; gives how many of the longest not seen went for that. */
  keep(clusterId: string, flows: readonly NewKeptFlow[], origins: readonly string[]): Promise<number> {
    return this.database.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [KEEP_LOCK, clusterId]);
      await client.query(KEEP, [clusterId, JSON.stringify(storableJson(flows.map(toRow))), origins]);
      return (await client.query(DROP_OLDEST, [clusterId])).rowCount ?? 0;
    });
  }

  /** Those whose both ends are in the scope. */
  async list(clusterId: string, scope: NamespaceScope, filter: KeptFlowFilter, keyset: Keyset): Promise<KeptFlow[]> {
    const { values, bind } = parameters(clusterId);
    const { where: stretch, tail } = keysetSql(keyset, bind);
    const where = [shownIn(scope, bind), stretch];
    if (filter.namespace !== undefined) {
      where.push(`${bind(filter.namespace)} IN (source_namespace, destination_namespace)`);
    }
    if (filter.verdict !== undefined) where.push(`verdict = ${bind(filter.verdict)}`);
    if (filter.since !== undefined) where.push(`last_seen >= ${bind(filter.since)}`);
    const { rows } = await this.database.query<KeptFlow>(
      `SELECT ${COLUMNS} FROM kept_flow WHERE ${where.join(' AND ')} ${tail}`,
      values,
    );
    return rows;
  }

  /** How much is kept of what is in the scope, and of which time. */
  async span(clusterId: string, scope: NamespaceScope): Promise<KeptFlowSpan> {
    const { values, bind } = parameters(clusterId);
    const shown = shownIn(scope, bind);
    const { rows } = await this.database.query<KeptFlowSpan>(
      `SELECT count(*)::int AS flows, min(first_seen) AS "firstSeen", max(last_seen) AS "lastSeen", max(kept_at) AS "keptAt",
              ARRAY(SELECT DISTINCT unnest(origins) FROM kept_flow WHERE ${shown} ORDER BY 1) AS origins
         FROM kept_flow WHERE ${shown}`,
      values,
    );
    return rows[0] as KeptFlowSpan;
  }

  /** Deletes what was not seen for so many days. */
  async prune(days: number): Promise<void> {
    await this.database.query(`DELETE FROM kept_flow WHERE last_seen < CURRENT_TIMESTAMP - make_interval(days => $1)`, [
      days,
    ]);
  }
}

function shownIn(scope: NamespaceScope, bind: (value: unknown) => string): string {
  const ends = ['source_namespace', 'destination_namespace'].map((column) => namespaceFilter(scope, column, bind));
  return ['cluster_id = $1', ...ends].join(' AND ');
}

function toRow({ source, destination, ...flow }: NewKeptFlow): Readonly<Record<string, unknown>> {
  const { firstSeen, lastSeen, reasons, policies, count } = flow;
  return {
    ...flow,
    key: createHash('sha256')
      .update(lastingKey({ ...flow, source, destination }))
      .digest('base64url'),
    source: source.asked,
    sourceNamespace: source.namespace,
    destination: destination.asked,
    destinationNamespace: destination.namespace,
    hostNames: words(destination.hostNames),
    reasons: words(reasons),
    policies: words(policies),
    count: Math.min(count, LARGEST_COUNT),
    firstSeen: firstSeen.toISOString(),
    lastSeen: lastSeen.toISOString(),
  };
}

function words(given: readonly string[]): readonly string[] {
  return given.slice(0, MOST_WORDS).map((word) => word.slice(0, LONGEST_WORD));
}
