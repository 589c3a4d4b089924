import { Field, InputType, Int } from '@nestjs/graphql';
import { PortScalar, SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';

@InputType('NameValueInput')
export class NameValueInputModel {
  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly value!: string;
}

@InputType('L7Input', { description: 'What is known of the request itself.' })
export class L7InputModel {
  @Field(() => String, { nullable: true, description: 'As `http`, `grpc`, `kafka`, `dns`.' })
  readonly protocol?: string | null;

  @Field(() => String, { nullable: true })
  readonly method?: string | null;

  @Field(() => String, { nullable: true })
  readonly path?: string | null;

  @Field(() => String, { nullable: true })
  readonly host?: string | null;

  @Field(() => [NameValueInputModel], { nullable: true })
  readonly headers?: readonly NameValueInputModel[] | null;

  @Field(() => [NameValueInputModel], { nullable: true })
  readonly fields?: readonly NameValueInputModel[] | null;
}

@InputType('IcmpInput', { description: 'Which ICMP messages are meant.' })
export class IcmpInputModel {
  @Field(() => Int)
  readonly type!: number;

  @Field(() => Int, { nullable: true, description: 'Any code when left out.' })
  readonly code?: number | null;
}

@InputType('CanReachInput', { description: 'Can `from` open a connection to `to`?' })
export class CanReachInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, {
    description:
      'As `shop/web`, `deployment:shop/web`, `service:shop/api`, `namespace:shop`, `ip:10.0.0.1`, `host:example.com`.',
  })
  readonly from!: string;

  @Field(() => String, { description: 'In the same forms as `from`.' })
  readonly to!: string;

  @Field(() => String, { nullable: true, description: 'TCP when left out.' })
  readonly protocol?: string | null;

  @Field(() => PortScalar, { nullable: true, description: 'Any port when left out.' })
  readonly port?: number | string | null;

  @Field(() => Int, { nullable: true })
  readonly sourcePort?: number | null;

  @Field(() => IcmpInputModel, { nullable: true })
  readonly icmp?: IcmpInputModel | null;

  @Field(() => L7InputModel, { nullable: true })
  readonly l7?: L7InputModel | null;

  @Field(() => SnapshotPointScalar, { nullable: true, description: 'The newest snapshot when left out.' })
  readonly at?: number | string | null;
}

@InputType('CanReachBatchInput')
export class CanReachBatchInputModel {
  @Field(() => String, { nullable: true, description: 'Comes back with the answer.' })
  readonly ref?: string | null;

  @Field(() => CanReachInputModel)
  readonly question!: CanReachInputModel;
}
