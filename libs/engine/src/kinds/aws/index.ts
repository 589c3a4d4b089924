export { awsApplicationNetworkPolicy } from './application-network-policy.js';
export { awsClusterNetworkPolicy } from './cluster-network-policy.js';
