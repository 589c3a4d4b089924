import { ArgsType } from '@nestjs/graphql';
import { clustersInput } from '#contracts';
import { PageArgs } from '../../graphql/page.args.js';
import { SortField } from '../../graphql/sort.field.js';

@ArgsType()
export class ClustersArgs extends PageArgs {
  @SortField(clustersInput)
  readonly sort?: string | null;
}
