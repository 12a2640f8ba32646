import type { Place } from "./containers.ts";

/*
 * What IAM and EC2 tell of where a task runs, where the deployment looks there (`deepPreflight`). Ports answer
 * with why they were not told in place of throwing: what was not looked at is never guessed.
 */

export type Told<T> = { kind: "told"; value: T } | { kind: "not_told"; why: string };

/** Actions on one resource. */
export interface Question {
  actions: readonly string[];
  /** An ARN, or `*`. */
  resource: string;
}

/** What a role's own policies say of one action on one resource. */
export interface Simulated {
  action: string;
  resource: string;
  decision: "allowed" | "denied";
  /** Condition keys that it depends on, and that nobody knows beforehand. */
  unknownKeys: string[];
}

/** IAM's simulation, under the role `sallyport-read`. It knows no SCP's conditions and no resource's policy. */
export interface RolePermissions {
  simulate(
    place: Place,
    roleArn: string,
    questions: readonly Question[],
  ): Promise<Told<Simulated[]>>;
}

export interface Subnet {
  subnetId: string;
  vpcId: string;
  ownerId: string;
}

export interface VpcEndpoint {
  serviceName: string;
  kind: string;
  state: string;
  privateDns: boolean;
}

/** What EC2 shows of networks, under the role `sallyport-read`. */
export interface Networks {
  /** Undefined where there is none. */
  subnet(place: Place, subnetId: string): Promise<Told<Subnet>>;
  endpoints(place: Place, vpcId: string): Promise<Told<VpcEndpoint[]>>;
}
