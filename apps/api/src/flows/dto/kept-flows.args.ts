import { ArgsType } from '@nestjs/graphql';
import { keptFlowsInput } from '#contracts';
import { PageArgs } from '../../graphql/page.args.js';
import { SortField } from '../../graphql/sort.field.js';

@ArgsType()
export class KeptFlowsArgs extends PageArgs {
  @SortField(keptFlowsInput)
  readonly sort?: string | null;
}
