import { silentLog } from '#telemetry';
import { createWorker } from '../../../apps/worker/src/start-worker.js';
import { startWithLimitedCaller, type LimitedCaller } from './limited-caller.js';
import { PLANTED, TWO_TENANTS } from './tenants.js';

/** Both tenants in the cluster of the limited caller, and in one that it may not know of; with a worker. */
export interface TwoTenants extends LimitedCaller {
  /** Of `shop`. */
  readonly clusterId: string;
}

export async function startTwoTenants(): Promise<TwoTenants> {
  const limited = await startWithLimitedCaller();
  const { api } = limited;
  const worker = await createWorker(api.config, silentLog);
  const { id: clusterId } = await api.seed('shop', TWO_TENANTS);
  await api.seed(PLANTED.cluster, TWO_TENANTS);
  const close = async (): Promise<void> => {
    await worker.close();
    await limited.close();
  };
  return { clusterId, ...limited, close };
}
