import { Query, Resolver } from '@nestjs/graphql';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { comparedCnis } from './cnis.mapper.js';
import { ComparedCniModel } from './dto/compared-cni.model.js';

@Resolver()
export class CnisResolver {
  @Query(() => [ComparedCniModel], { name: 'cnis', description: 'Network plugins compared, with version and source.' })
  @FieldAction('cluster.read')
  list(): readonly Shape<ComparedCniModel>[] {
    return comparedCnis();
  }
}
