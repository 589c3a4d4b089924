import { answerConnectionOf } from '../../graphql/model/connection.model.js';
import {
  ClusterNodeModel,
  NamespaceModel,
  PodModel,
  PolicyModel,
  ServiceModel,
  WorkloadModel,
} from './kubernetes-object.model.js';

export const PolicyConnection = answerConnectionOf('Policy', PolicyModel);
export const NamespaceConnection = answerConnectionOf('Namespace', NamespaceModel);
export const PodConnection = answerConnectionOf('Pod', PodModel);
export const WorkloadConnection = answerConnectionOf('Workload', WorkloadModel);
export const ServiceConnection = answerConnectionOf('Service', ServiceModel);
export const ClusterNodeConnection = answerConnectionOf('ClusterNode', ClusterNodeModel);
