"""When a resource costs something, by its type: every type of any template is here."""

from collections.abc import Mapping
from enum import StrEnum

from thestack.costs.prices import Unpriced
from thestack.costs.template import Resource


class Charge(StrEnum):
    """When a resource of a type costs something."""

    IDLE = "while it is there"
    USE = "by use"
    NEVER = "never"


_IDLE = """
CloudWatch::Alarm CloudWatch::AnomalyDetector CloudWatch::CompositeAlarm CloudWatch::Dashboard
Events::Rule KMS::Key Lambda::EventSourceMapping Lambda::Version Route53::HealthCheck Route53::HostedZone
S3::Bucket Scheduler::Schedule SecretsManager::Secret WAFv2::RuleGroup WAFv2::WebACL
"""
"""Not each of these costs: `thestack.costs.idle` says which do, by their properties."""

_USE = """
ApiGatewayV2::Api ApiGatewayV2::Stage Athena::WorkGroup Backup::BackupVault CloudFront::Distribution
CloudFront::Function CloudFront::KeyValueStore CloudFront::RealtimeLogConfig CloudTrail::EventDataStore
CloudTrail::Trail Cognito::UserPool Config::ConfigRule Config::ConfigurationRecorder
Config::OrganizationConfigRule DynamoDB::Table Events::Archive Events::EventBus GuardDuty::Detector
KinesisFirehose::DeliveryStream Lambda::Function Logs::LogGroup Logs::MetricFilter MediaConvert::Queue
SES::ConfigurationSet SNS::Topic SQS::Queue SecurityHub::Hub XRay::SamplingRule
"""

_NEVER = """
AccessAnalyzer::Analyzer
ApiGateway::Account ApiGatewayV2::ApiMapping ApiGatewayV2::Authorizer ApiGatewayV2::Deployment
ApiGatewayV2::DomainName ApiGatewayV2::Integration ApiGatewayV2::IntegrationResponse ApiGatewayV2::Route
ApiGatewayV2::RouteResponse
Backup::BackupPlan Backup::BackupSelection Budgets::Budget CDK::Metadata CE::AnomalyMonitor
CE::AnomalySubscription CertificateManager::Certificate
CloudFormation::CustomResource CloudFormation::StackSet CloudFormation::WaitCondition
CloudFormation::WaitConditionHandle
CloudFront::CachePolicy CloudFront::KeyGroup CloudFront::MonitoringSubscription
CloudFront::OriginAccessControl CloudFront::OriginRequestPolicy CloudFront::PublicKey
CloudFront::ResponseHeadersPolicy
Cognito::LogDeliveryConfiguration Cognito::ManagedLoginBranding Cognito::UserPoolClient
Cognito::UserPoolDomain Cognito::UserPoolGroup Cognito::UserPoolResourceServer
Cognito::UserPoolUICustomizationAttachment Cognito::UserPoolUser Cognito::UserPoolUserToGroupAttachment
Config::AggregationAuthorization Config::ConfigurationAggregator Config::DeliveryChannel
ControlTower::EnabledBaseline ControlTower::EnabledControl ControlTower::LandingZone
Events::EventBusPolicy Glue::Database Glue::Table
IAM::Group IAM::InstanceProfile IAM::ManagedPolicy IAM::OIDCProvider IAM::Policy IAM::Role IAM::RolePolicy
IAM::ServiceLinkedRole IAM::UserPolicy
KMS::Alias Lambda::Alias Lambda::EventInvokeConfig Lambda::LayerVersion Lambda::LayerVersionPermission
Lambda::Permission Lambda::Url
Logs::AccountPolicy Logs::Delivery Logs::DeliveryDestination Logs::DeliverySource Logs::Destination
Logs::QueryDefinition Logs::ResourcePolicy Logs::SubscriptionFilter
Oam::Link Oam::Sink Organizations::Account Organizations::Organization
Organizations::OrganizationalUnit Organizations::Policy Organizations::ResourcePolicy
ResourceGroups::Group Route53::RecordSet Route53::RecordSetGroup
S3::AccountPublicAccessBlock S3::BucketPolicy Scheduler::ScheduleGroup
SES::ConfigurationSetEventDestination SES::EmailIdentity
SNS::Subscription SNS::TopicInlinePolicy SNS::TopicPolicy SQS::QueueInlinePolicy SQS::QueuePolicy
SSM::Document SSM::Parameter SSO::Assignment SSO::Instance SSO::PermissionSet
SecretsManager::ResourcePolicy SecretsManager::RotationSchedule
WAFv2::IPSet WAFv2::LoggingConfiguration WAFv2::RegexPatternSet WAFv2::WebACLAssociation
XRay::Group XRay::ResourcePolicy XRay::TransactionSearchConfig
"""

CHARGES: Mapping[str, Charge] = {
    f"AWS::{name}": charge
    for charge, text in ((Charge.IDLE, _IDLE), (Charge.USE, _USE), (Charge.NEVER, _NEVER))
    for name in text.split()
}


def charge_of(resource: Resource) -> Charge:
    """When a resource costs something. Raises `Unpriced` for a type that nobody has classified."""
    if resource.type.startswith("Custom::"):
        return Charge.NEVER  # what it makes, its function makes: that one is billed
    if resource.type not in CHARGES:
        raise Unpriced(
            f"{resource.stack} has {resource.id} of the type {resource.type}, of which nobody has said "
            "whether it costs anything: write it into thestack/costs/types.py"
        )
    return CHARGES[resource.type]
