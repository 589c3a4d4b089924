import { describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { RouteCatalogue } from './route-catalogue.js';

describe('RouteCatalogue', () => {
  it('tells which methods a path takes, parameters and all', async () => {
    const server = fastify({ exposeHeadRoutes: false });
    const catalogue = new RouteCatalogue();
    catalogue.watch(server);
    server.get('/clusters/:id', () => '');
    server.delete('/clusters/:id', () => '');
    server.get('/docs/*', () => '');
    await server.ready();
    expect(catalogue.allowedMethods('/clusters/shop')).toEqual(['DELETE', 'GET', 'OPTIONS']);
    expect(catalogue.allowedMethods('/docs/a/b.js')).toEqual(['GET', 'OPTIONS']);
    expect(catalogue.allowedMethods('/clusters')).toEqual([]);
    expect(catalogue.allowedMethods('/clusters/shop/pods')).toEqual([]);
    await server.close();
  });
});
