import { GraphQLError } from 'graphql';
import { z } from 'zod';
import type { Config } from '#config';
import { AppError, parseInput } from '#contracts';
import { oncePer } from '#engine';
import { readSettings } from '../access/read-settings.js';

const DOCUMENT = z.string().min(1);

/** A list of documents as clients' build tools write it: texts by id, or Apollo's manifest. */
const manifest = z.union([
  z
    .looseObject({
      format: z.literal('apollo-persisted-query-manifest'),
      operations: z.array(z.looseObject({ id: DOCUMENT, body: DOCUMENT })),
    })
    .transform(({ operations }) => operations.map(({ id, body }) => [id, body] as const)),
  z.record(DOCUMENT, DOCUMENT).transform((byId) => Object.entries(byId)),
]);

/** The only documents that are answered, where there is a list of them. */
export class AllowedDocuments {
  private readonly byId: ReadonlyMap<string, string>;
  private readonly texts: ReadonlySet<string>;

  constructor(documents: readonly (readonly [id: string, text: string])[]) {
    this.byId = new Map(documents);
    this.texts = new Set(this.byId.values());
  }

  /**
   * Of the file that the settings of a process name, read once: both ways to ask have the same list. Null without one: every
   * document is answered then. @throws AppError `startup.failed`
   */
  static readonly of = oncePer(({ graphql: { documentsPath } }: Config): AllowedDocuments | null =>
    documentsPath === null ? null : AllowedDocuments.at(documentsPath),
  );

  private static at(path: string): AllowedDocuments {
    const text = readSettings(path, 'GRAPHQL_DOCUMENTS');
    try {
      return new AllowedDocuments(parseInput(manifest, JSON.parse(text), 'startup.failed'));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new AppError('startup.failed', `\`${path}\` is no list of GraphQL documents: ${reason}`, { cause: error });
    }
  }

  /** Why a document is not answered; null when it is. */
  refusalOf(text: string): GraphQLError | null {
    if (this.texts.has(text)) return null;
    return new GraphQLError(
      'this server answers listed documents alone, and this is none of them: send one of the list, by its text or its id',
      { extensions: { code: 'DOCUMENT_NOT_ALLOWED' } },
    );
  }

  /** In the place of a store of persisted queries: has what is listed, and takes nothing in. */
  get store(): {
    get(key: string): Promise<string | undefined>;
    set(): Promise<void>;
    delete(): Promise<boolean>;
  } {
    return {
      get: (key: string): Promise<string | undefined> => Promise.resolve(this.byId.get(key.replace(/^apq:/, ''))),
      set: (): Promise<void> => Promise.resolve(),
      delete: (): Promise<boolean> => Promise.resolve(false),
    };
  }
}
