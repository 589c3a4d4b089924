/** Changes whenever the engine may answer differently on equal facts; part of every cache key and every answer. */
export const ENGINE_VERSION = '0.1.0';
