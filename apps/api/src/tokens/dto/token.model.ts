import { Field, GraphQLISODateTime, ID, InputType, Float, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ROLES } from '#access';

/** Roles as GraphQL names them. */
const RoleEnum = Object.fromEntries(ROLES.map((role) => [role.toUpperCase(), role])) as Record<string, string>;
registerEnumType(RoleEnum, { name: 'Role', description: 'What a grant lets its holder be.' });

@ObjectType('Grant', { description: 'A role, and where it counts.' })
export class GrantModel {
  @Field(() => RoleEnum)
  readonly role!: string;

  @Field(() => [String], { description: 'Names and globs of clusters.' })
  readonly clusters!: string[];

  @Field(() => [String], { description: 'Names and globs of namespaces; `-` for what has none.' })
  readonly namespaces!: string[];

  @Field(() => String, { nullable: true, description: 'A selector of labels, which brings in more namespaces.' })
  readonly namespaceLabels!: string | null;
}

@ObjectType('ApiToken')
export class ApiTokenModel {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String, { description: 'Who made it.' })
  readonly owner!: string;

  @Field(() => [GrantModel])
  readonly grants!: GrantModel[];

  @Field(() => GraphQLISODateTime)
  readonly createdAt!: Date;

  @Field(() => GraphQLISODateTime)
  readonly expiresAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  readonly lastUsedAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  readonly revokedAt!: Date | null;

  @Field(() => ID, { nullable: true, description: 'The token that takes its place.' })
  readonly rotatedTo!: string | null;
}

@ObjectType('IssuedApiToken')
export class IssuedTokenModel {
  @Field(() => ApiTokenModel)
  readonly token!: ApiTokenModel;

  @Field(() => String, { description: 'The token itself; shown this once.' })
  readonly secret!: string;
}

@ObjectType('RevokeTokenPayload')
export class RevokeTokenPayloadModel {
  @Field(() => ID)
  readonly revokedTokenId!: string;
}

@InputType('GrantInput')
export class GrantInputModel {
  @Field(() => RoleEnum)
  readonly role!: string;

  @Field(() => [String], { nullable: true, description: 'Names and globs; every cluster when left out.' })
  readonly clusters?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Names and globs; every namespace when left out.' })
  readonly namespaces?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'A selector of labels, as `team=a`: the namespaces that have them, beside those that are named.',
  })
  readonly namespaceLabels?: string | null;
}

@InputType('CreateTokenInput')
export class CreateTokenInputModel {
  @Field(() => String)
  readonly name!: string;

  @Field(() => [GrantInputModel], { nullable: true, description: 'What its maker may do when left out.' })
  readonly grants?: GrantInputModel[] | null;

  @Field(() => Int, { nullable: true, description: '1 to 366; 90 when left out.' })
  readonly expiresInDays?: number | null;
}

@InputType('RotateTokenInput')
export class RotateTokenInputModel {
  @Field(() => ID)
  readonly token!: string;

  @Field(() => Float, { nullable: true, description: 'How long the old one stays good; 24 when left out.' })
  readonly overlapHours?: number | null;
}

@InputType('TokenInput')
export class TokenInputModel {
  @Field(() => ID)
  readonly token!: string;
}
