import { DomainName, SecurityPolicy } from "aws-cdk-lib/aws-apigatewayv2";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { ARecord, HostedZone, RecordTarget } from "aws-cdk-lib/aws-route53";
import { ApiGatewayv2DomainProperties } from "aws-cdk-lib/aws-route53-targets";
import { Construct } from "constructs";
import type { DeploymentConfiguration } from "./deployment-configuration.ts";

export interface OwnDomainProps {
  domain: NonNullable<DeploymentConfiguration["domain"]>;
}

/** The name a deployment chose for its API, from TLS 1.2 on; with its record where the hosted zone is known. */
export class OwnDomain extends Construct {
  readonly domainName: DomainName;

  constructor(scope: Construct, id: string, { domain }: OwnDomainProps) {
    super(scope, id);
    this.domainName = new DomainName(this, "Name", {
      domainName: domain.name,
      certificate: Certificate.fromCertificateArn(this, "Certificate", domain.certificateArn),
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    if (domain.hostedZone === undefined) return;
    const { regionalDomainName, regionalHostedZoneId } = this.domainName;
    new ARecord(this, "Record", {
      zone: HostedZone.fromHostedZoneAttributes(this, "Zone", {
        hostedZoneId: domain.hostedZone.id,
        zoneName: domain.hostedZone.name,
      }),
      recordName: domain.name,
      target: RecordTarget.fromAlias(
        new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId),
      ),
    });
  }
}
