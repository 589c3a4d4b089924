import { HTTP_HOSTS, METHODS, PATHS } from '../random-words.js';
import type { Scene } from './network-policy.js';

/** Requests that meet and miss what policies name, as far as the question leaves the request open. */
export function requestsLike(scene: Scene): readonly Scene[] {
  const { request } = scene.packet;
  const of = (told: string | undefined, others: readonly string[]): readonly string[] =>
    told === undefined ? others : [told];
  return of(request?.method, [...METHODS, 'GUESS', 'OTHER']).flatMap((method) =>
    of(request?.path, [...PATHS, '/api/more', '/api1', '/other']).flatMap((path) =>
      of(request?.host, [...HTTP_HOSTS, 'any.example.org', 'shop.any', 'any']).map((host) => ({
        ...scene,
        packet: { ...scene.packet, request: { method, path, host } },
      })),
    ),
  );
}
