import { loadPackageDefinition, type GrpcObject, type ServiceClientConstructor } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

const text = (id: number) => ({ type: 'string', id });
const texts = (id: number) => ({ rule: 'repeated', type: 'string', id });
const port = { fields: { source_port: { type: 'uint32', id: 1 }, destination_port: { type: 'uint32', id: 2 } } };
const icmp = { fields: { type: { type: 'uint32', id: 1 }, code: { type: 'uint32', id: 2 } } };

/**
 * The part of Hubble's interface that is used, by its own field numbers (cilium/cilium `api/v1/{observer,flow}`). What is
 * not listed is skipped as it is read, so a newer Relay does no harm.
 */
const INTERFACE = {
  nested: {
    observer: {
      nested: {
        Observer: {
          methods: {
            GetFlows: { requestType: 'GetFlowsRequest', responseType: 'GetFlowsResponse', responseStream: true },
          },
        },
        GetFlowsRequest: {
          fields: {
            number: { type: 'uint64', id: 1 },
            follow: { type: 'bool', id: 3 },
            whitelist: { rule: 'repeated', type: 'flow.FlowFilter', id: 6 },
            since: { type: 'flow.Timestamp', id: 7 },
            until: { type: 'flow.Timestamp', id: 8 },
          },
        },
        GetFlowsResponse: {
          oneofs: { response_types: { oneof: ['flow', 'node_status', 'lost_events'] } },
          fields: {
            flow: { type: 'flow.Flow', id: 1 },
            node_status: { type: 'flow.NodeStatusEvent', id: 2 },
            lost_events: { type: 'flow.LostEvent', id: 3 },
            node_name: text(1000),
          },
        },
      },
    },
    flow: {
      nested: {
        Timestamp: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
        BoolValue: { fields: { value: { type: 'bool', id: 1 } } },
        FlowFilter: { fields: { source_pod: texts(2), destination_pod: texts(4) } },
        NodeStatusEvent: {
          fields: { state_change: { type: 'int32', id: 1 }, node_names: texts(2), message: text(3) },
        },
        LostEvent: { fields: { num_events_lost: { type: 'uint64', id: 2 } } },
        Flow: {
          fields: {
            time: { type: 'Timestamp', id: 1 },
            verdict: { type: 'Verdict', id: 2 },
            IP: { type: 'IP', id: 5 },
            l4: { type: 'Layer4', id: 6 },
            source: { type: 'Endpoint', id: 8 },
            destination: { type: 'Endpoint', id: 9 },
            node_name: text(11),
            source_names: texts(13),
            destination_names: texts(14),
            traffic_direction: { type: 'TrafficDirection', id: 22 },
            drop_reason_desc: { type: 'DropReason', id: 25 },
            is_reply: { type: 'BoolValue', id: 26 },
            egress_allowed_by: { rule: 'repeated', type: 'Policy', id: 21001 },
            ingress_allowed_by: { rule: 'repeated', type: 'Policy', id: 21002 },
            egress_denied_by: { rule: 'repeated', type: 'Policy', id: 21004 },
            ingress_denied_by: { rule: 'repeated', type: 'Policy', id: 21005 },
          },
        },
        IP: { fields: { source: text(1), destination: text(2) } },
        Layer4: {
          oneofs: { protocol: { oneof: ['TCP', 'UDP', 'ICMPv4', 'ICMPv6', 'SCTP'] } },
          fields: {
            TCP: { type: 'TCP', id: 1 },
            UDP: { type: 'UDP', id: 2 },
            ICMPv4: { type: 'ICMPv4', id: 3 },
            ICMPv6: { type: 'ICMPv6', id: 4 },
            SCTP: { type: 'SCTP', id: 5 },
          },
        },
        TCP: port,
        UDP: port,
        SCTP: port,
        ICMPv4: icmp,
        ICMPv6: icmp,
        Endpoint: {
          fields: {
            namespace: text(3),
            labels: texts(4),
            pod_name: text(5),
            workloads: { rule: 'repeated', type: 'Workload', id: 6 },
          },
        },
        Workload: { fields: { name: text(1), kind: text(2) } },
        Policy: { fields: { name: text(1), namespace: text(2) } },
        Verdict: {
          values: {
            VERDICT_UNKNOWN: 0,
            FORWARDED: 1,
            DROPPED: 2,
            ERROR: 3,
            AUDIT: 4,
            REDIRECTED: 5,
            TRACED: 6,
            TRANSLATED: 7,
          },
        },
        TrafficDirection: { values: { TRAFFIC_DIRECTION_UNKNOWN: 0, INGRESS: 1, EGRESS: 2 } },
        // A number that is not listed stays a number, and is told as one.
        DropReason: {
          values: {
            DROP_REASON_UNKNOWN: 0,
            POLICY_DENIED: 133,
            STALE_OR_UNROUTABLE_IP: 151,
            CT_MAP_INSERTION_FAILED: 155,
            SERVICE_BACKEND_NOT_FOUND: 158,
            UNSUPPORTED_L3_PROTOCOL: 139,
            POLICY_DENY: 181,
            AUTH_REQUIRED: 189,
          },
        },
      },
    },
  },
};

/** The package `observer`, with values as Hubble's JSON has them: names of fields and enums kept, absent ones left out. */
export function observerPackage(): { readonly Observer: ServiceClientConstructor } {
  const definition = fromJSON(INTERFACE as unknown as Parameters<typeof fromJSON>[0], {
    keepCase: true,
    enums: String,
    longs: String,
    defaults: false,
  });
  const root: GrpcObject = loadPackageDefinition(definition);
  return root['observer'] as unknown as { readonly Observer: ServiceClientConstructor };
}
