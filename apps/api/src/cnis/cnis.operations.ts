import type { Operation } from '../openapi/operation.js';
import { cniListBody } from './cnis.body.js';

export const CNI_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/cnis',
    id: 'compareCnis',
    tag: 'Clusters',
    summary: 'Network plugins compared: what each enforces and can do, with version and source',
    status: 200,
    response: cniListBody,
    errors: [],
  },
];
