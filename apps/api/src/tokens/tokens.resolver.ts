import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { createTokenInput, rotateTokenInput } from '#access';
import { ApiTokens, type ApiTokenRecord, type IssuedToken } from '#analysis';
import { parseInput } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import type { Shape } from '../graphql/model/shape.js';
import {
  ApiTokenModel,
  CreateTokenInputModel,
  IssuedTokenModel,
  RevokeTokenPayloadModel,
  RotateTokenInputModel,
  TokenInputModel,
} from './dto/token.model.js';
import { grantToBody } from './tokens.mapper.js';

@Resolver(() => ApiTokenModel)
export class TokensResolver {
  constructor(@Inject(ApiTokens) private readonly tokens: ApiTokens) {}

  @Query(() => [ApiTokenModel], { name: 'apiTokens', description: 'One’s own API tokens; everyone’s for an admin.' })
  @FieldAction('token.own')
  async list(): Promise<Shape<ApiTokenModel>[]> {
    return (await this.tokens.list()).map(toTokenModel);
  }

  @Mutation(() => IssuedTokenModel, { description: 'Makes an API token.' })
  @FieldAction('token.own')
  async createToken(
    @Args('input', { type: () => CreateTokenInputModel }) { name, grants, expiresInDays }: CreateTokenInputModel,
  ): Promise<Shape<IssuedTokenModel>> {
    const given = {
      name,
      grants: grants?.map(withoutNulls),
      expiresInDays: expiresInDays ?? undefined,
    };
    return toIssued(await this.tokens.create(parseInput(createTokenInput, given)));
  }

  @Mutation(() => IssuedTokenModel, { description: 'Makes a token in the place of another one.' })
  @FieldAction('token.own')
  async rotateToken(
    @Args('input', { type: () => RotateTokenInputModel }) { token, overlapHours }: RotateTokenInputModel,
  ): Promise<Shape<IssuedTokenModel>> {
    const given = parseInput(rotateTokenInput, { overlapHours: overlapHours ?? undefined });
    return toIssued(await this.tokens.rotate(token, given.overlapHours));
  }

  @Mutation(() => RevokeTokenPayloadModel, { description: 'Ends a token at once.' })
  @FieldAction('token.own')
  async revokeToken(
    @Args('input', { type: () => TokenInputModel }) { token }: TokenInputModel,
  ): Promise<Shape<RevokeTokenPayloadModel>> {
    await this.tokens.revoke(token);
    return { revokedTokenId: token };
  }
}

function toIssued({ token, secret }: IssuedToken): Shape<IssuedTokenModel> {
  return { token: toTokenModel(token), secret };
}

function toTokenModel(token: ApiTokenRecord): Shape<ApiTokenModel> {
  return { ...token, grants: token.grants.map(grantToBody) };
}
