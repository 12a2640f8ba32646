import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { systemClock as clock, systemRandom as random } from "../adapters/system-clock.ts";
import type { RecoveryPlace } from "../cli/start.ts";
import type { ListRebuilding, Recovery } from "../core/recovery.ts";
import { listRebuilding } from "../recovery/rebuild-lists.ts";
import { openRecovery } from "../recovery/recovery.ts";

/*
 * Recovery under whatever credentials AWS's own chain finds, the profile first that was named. It does not know a
 * gateway: the tables are named, and their account and region are those of the credentials.
 */

interface Aws {
  region?: string;
  profile?: string;
}

function configuration({ region, profile }: RecoveryPlace): Aws {
  return {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
  };
}

export async function recoveryOn(place: RecoveryPlace): Promise<Recovery> {
  const aws = configuration(place);
  const client = new DynamoDBClient(aws);
  const sts = new STSClient(aws);
  const { Account = "", UserId = "" } = await sts.send(new GetCallerIdentityCommand({}));
  sts.destroy();
  const principal = `${Account}:${UserId}`;
  return await openRecovery({ client, tableName: place.table, clock, random, principal });
}

export function listsOn(place: RecoveryPlace & { views: string }): ListRebuilding {
  const client = new DynamoDBClient(configuration(place));
  return listRebuilding({
    client,
    tableName: place.table,
    viewsTable: place.views,
    clock,
    random,
  });
}
