import type { ApolloServerPlugin } from '@apollo/server';
import {
  OperationTypeNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { actionOf, isKeptField } from '../access/guard-fields.js';
import type { GraphqlContext } from './graphql-context.js';
import { COST_HEADER, demandCost, queryCost, toldCost } from './query-cost.js';
import { QueryPlan } from './query-plan.js';

/** Characters of the documents kept, each about a hundred bytes once parsed; the one that was met first goes first. */
const MOST_KEPT = 300_000;

/** Moves on while snapshots stay; an answer that is kept has it under its own name. */
const AGE_FIELD = 'stalenessMs';

/** A query that was parsed and found valid. */
export class KnownDocument {
  /** Answers follow from snapshots and the request alone. */
  readonly isKept: boolean;
  private made: QueryPlan | null | undefined;
  private fixedCost: number | null = null;

  /** `operation` is the only one in it. */
  constructor(
    readonly text: string,
    private readonly schema: GraphQLSchema,
    readonly document: DocumentNode,
    readonly operation: OperationDefinitionNode,
  ) {
    this.isKept = isKeptDocument(schema, document);
  }

  /** What it may cost; counted once where the variables do not matter. */
  costOf(variables: Readonly<Record<string, unknown>>): number {
    if (this.fixedCost !== null) return this.fixedCost;
    const { cost, isFixed } = queryCost(this.schema, this.document, this.operation, variables);
    if (isFixed) this.fixedCost = cost;
    return cost;
  }

  /** Made once it is asked for again; null where graphql-js has to execute it. */
  get plan(): QueryPlan | null {
    if (this.made === undefined) this.made = QueryPlan.of(this.schema, this.document, this.operation);
    return this.made;
  }
}

/** Queries that the server let through before, by their text and by its hash: they need no parsing and no validation. */
export class KnownDocuments {
  private readonly byHash = new Map<string, KnownDocument>();
  private readonly byText = new Map<string, KnownDocument>();
  private kept = 0;

  /** What a request means by a text, a hash or both; undefined when somebody has to look at it. */
  find(text: string | undefined, hash: string | undefined): KnownDocument | undefined {
    if (hash === undefined) return text === undefined ? undefined : this.byText.get(text);
    const known = this.byHash.get(hash);
    return text === undefined || text === known?.text ? known : undefined;
  }

  /** Learns what the server lets through, and refuses what may cost too much. */
  plugin(): ApolloServerPlugin<GraphqlContext> {
    return {
      requestDidStart: () => {
        let cost: number | undefined;
        return Promise.resolve({
          didResolveOperation: ({ schema, document, operation, request, source, queryHash }) => {
            if (operation === undefined) return Promise.resolve();
            ({ cost } = queryCost(schema, document, operation, request.variables ?? {}));
            demandCost(cost, operation);
            const isAlone = document.definitions.filter(({ kind }) => kind === operation.kind).length === 1;
            if (isAlone && operation.operation === OperationTypeNode.QUERY) {
              this.keep(queryHash, new KnownDocument(source, schema, document, operation));
            }
            return Promise.resolve();
          },
          willSendResponse: ({ request, response: { body } }) => {
            const isAsked = cost !== undefined && request.http?.headers.has(COST_HEADER) === true;
            if (isAsked && body.kind === 'single') body.singleResult.extensions = { cost: toldCost(cost ?? 0) };
            return Promise.resolve();
          },
        });
      },
    };
  }

  private keep(hash: string, known: KnownDocument): void {
    if (this.byText.has(known.text)) return;
    this.byHash.set(hash, known);
    this.byText.set(known.text, known);
    this.kept += known.text.length;
    for (const [oldest, { text }] of this.byHash) {
      if (this.kept <= MOST_KEPT) return;
      this.byHash.delete(oldest);
      this.byText.delete(text);
      this.kept -= text.length;
    }
  }
}

/** Whether each root field says so, and nothing inside is looked up on its own or gives the age of data another name. */
function isKeptDocument(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema);
  let isKept = true;
  visit(
    document,
    visitWithTypeInfo(types, {
      Field({ name, alias }) {
        const field = types.getFieldDef();
        const isRoot = types.getParentType() === schema.getQueryType();
        if (isRoot ? !isKeptField(field) : actionOf(field) !== undefined) isKept = false;
        if (alias !== undefined && [name.value, alias.value].includes(AGE_FIELD)) isKept = false;
      },
    }),
  );
  return isKept;
}
