/** The ARN of a cluster, exactly: partition, region, account and name. */
export const CLUSTER_ARN =
  /^arn:(aws[a-z-]*):ecs:([a-z0-9-]+):(\d{12}):cluster\/[A-Za-z0-9_-]{1,255}$/;

/** An account and a region that holds clusters, or the gateway. */
export interface DeploymentPlace {
  account: string;
  region: string;
}

/** Where a cluster lies. Throws TypeError for what is no cluster's ARN. */
export function placeOf(clusterArn: string): DeploymentPlace & { partition: string } {
  const [, partition, region, account] = CLUSTER_ARN.exec(clusterArn) ?? [];
  if (partition === undefined || region === undefined || account === undefined) {
    throw new TypeError(`not the ARN of a cluster: ${clusterArn}`);
  }
  return { partition, region, account };
}

/** The partition all ARNs of the deployment are in. */
export function partitionOf(clusters: string[]): string {
  return CLUSTER_ARN.exec(clusters[0] ?? "")?.[1] ?? "aws";
}

/** Where the gateway looks: its home first, then the other accounts and regions its clusters are in. */
export function placesOf(deployment: {
  home: DeploymentPlace;
  clusters: string[];
}): [DeploymentPlace, ...DeploymentPlace[]] {
  const { home, clusters } = deployment;
  const others = new Map<string, DeploymentPlace>();
  for (const { account, region } of clusters.map(placeOf)) {
    if (account === home.account && region === home.region) continue;
    others.set(`${account}/${region}`, { account, region });
  }
  return [home, ...others.values()];
}

/** The clusters of one account. */
export function clustersIn(account: string, clusters: string[]): string[] {
  return clusters.filter((arn) => placeOf(arn).account === account);
}

/** The accounts that hold clusters, in the order in which the configuration names them. */
export function targetAccounts(clusters: string[]): string[] {
  return [...new Set(clusters.map((arn) => placeOf(arn).account))];
}
