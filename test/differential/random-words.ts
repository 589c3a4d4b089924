/** The small alphabet that random clusters and policies are written in, so that their parts meet often. */
export const KEYS = ['app', 'tier', 'role'] as const;
export const NAMESPACE_KEYS = ['team', 'env'] as const;
export const VALUES = ['a', 'b', 'c'] as const;
export const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
export const PORT_NAMES = ['web', 'dns', 'admin'] as const;
export const PORTS = [1, 53, 80, 81, 443, 8080, 8081, 65535] as const;
export const ACCOUNTS = ['default', 'web', 'batch'] as const;
export const METHODS = ['GET', 'POST'] as const;
export const PATHS = ['/', '/api', '/api/v1', '/admin/api'] as const;
export const HTTP_HOSTS = ['shop.example.org', 'Api.shop.example.org', 'other.org'] as const;
export const HOST_NAMES = ['api.example.org', 'a.b.example.org', 'example.org', 'abc.other.org'] as const;
export const ICMP_TYPES = [0, 8, 128] as const;
export const NAMESPACES = ['red', 'green', 'blue', 'default'] as const;
export const SERVICES = ['one', 'two'] as const;
export const SOURCE_PORTS = [1000, 1001, 40_000] as const;
