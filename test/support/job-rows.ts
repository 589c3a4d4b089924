import { systemAccess } from '#access';
import { ClusterRepository, JobRunRepository } from '#store';
import { createTestDatabase, type TestDatabase } from './database.js';

/** A database with jobs, and with the one cluster that they are about. */
export interface JobRows {
  readonly test: TestDatabase;
  readonly runs: JobRunRepository;
  readonly clusters: ClusterRepository;
  readonly clusterId: string;
}

export async function createJobRows(): Promise<JobRows> {
  const test = await createTestDatabase();
  const system = (): ReturnType<typeof systemAccess> => systemAccess('test');
  const clusters = new ClusterRepository(test.database, null, system);
  const { id: clusterId } = await clusters.create({ name: 'one', source: { type: 'upload' } });
  return { test, runs: new JobRunRepository(test.database, system), clusters, clusterId };
}
