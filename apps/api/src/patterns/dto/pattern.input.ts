import { Field, InputType, Int } from '@nestjs/graphql';
import { BundleFormEnum, PolicyFormEnum } from '../../graphql/model/enums.js';
import { SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';

@InputType('FillPatternInput')
export class FillPatternInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, { description: 'As `default-deny`.' })
  readonly pattern!: string;

  @Field(() => String)
  readonly namespace!: string;

  @Field(() => PolicyFormEnum, {
    nullable: true,
    description: 'The kind of policy; when left out KUBERNETES, and for names what the network plugin has.',
  })
  readonly form?: string | null;

  @Field(() => BundleFormEnum, { nullable: true, description: 'MANIFESTS when left out.' })
  readonly as?: string | null;

  @Field(() => [String], { nullable: true, description: 'Names and blocks outside, for `external-services`.' })
  readonly outside?: readonly string[] | null;

  @Field(() => Int, { nullable: true, description: 'Their port; 443 when left out.' })
  readonly port?: number | null;

  @Field(() => SnapshotPointScalar, { nullable: true, description: 'The newest snapshot when left out.' })
  readonly at?: number | string | null;
}
