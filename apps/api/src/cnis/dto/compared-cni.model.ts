import { Field, ObjectType } from '@nestjs/graphql';
import { CapabilitySupportEnum } from '../../graphql/model/enums.js';

@ObjectType('ComparedFeature', { description: 'A cell of the comparison of network plugins.' })
export class ComparedFeatureModel {
  @Field(() => String, { description: 'What plugins are compared by, as `DNS names`.' })
  readonly feature!: string;

  @Field(() => String)
  readonly value!: string;

  @Field(() => String, { description: '`from 1.9`, `since before 1.9` or `as of …`.' })
  readonly version!: string;

  @Field(() => String)
  readonly source!: string;
}

@ObjectType('ComparedCapability', { description: 'Whether a network plugin implements a part of the specification.' })
export class ComparedCapabilityModel {
  @Field(() => String, { description: 'As `port ranges (endPort)`.' })
  readonly capability!: string;

  @Field(() => CapabilitySupportEnum)
  readonly support!: string;

  @Field(() => String, {
    description: 'What is partial, or from which version on; empty when there is nothing to say.',
  })
  readonly note!: string;
}

@ObjectType('ComparedNote', { description: 'What else is worth knowing of a network plugin.' })
export class ComparedNoteModel {
  @Field(() => String)
  readonly text!: string;

  @Field(() => String)
  readonly source!: string;
}

@ObjectType('ComparedCni', { description: 'A network plugin in the comparison of all.' })
export class ComparedCniModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => [ComparedFeatureModel])
  readonly features!: readonly ComparedFeatureModel[];

  @Field(() => [ComparedCapabilityModel])
  readonly capabilities!: readonly ComparedCapabilityModel[];

  @Field(() => [ComparedNoteModel])
  readonly notes!: readonly ComparedNoteModel[];
}
